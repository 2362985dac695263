/** What a ratio is to reach. */
export interface Target {
  relation: '≥' | '>' | '<' | '≤';
  limit: number;
}

export const atLeast = (limit: number): Target => ({ relation: '≥', limit });
export const atMost = (limit: number): Target => ({ relation: '≤', limit });
export const below = (limit: number): Target => ({ relation: '<', limit });
export const moreThan = (limit: number): Target => ({ relation: '>', limit });

/** @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error('no values to take the median of');
  return (lower + upper) / 2;
}

/**
 * How many times as fast one is as the other. Taken round by round, as whatever else the machine does slows both down
 * that take their turns in one round.
 * @param rates of each round
 * @param others of the same rounds
 */
export function medianRatio(rates: readonly number[], others: readonly number[]): number {
  if (rates.length !== others.length) throw new Error('rates of different rounds');
  return median(rates.map((rate, round) => rate / (others[round] as number)));
}

function meets(value: number, { relation, limit }: Target): boolean {
  switch (relation) {
    case '≥':
      return value >= limit;
    case '>':
      return value > limit;
    case '<':
      return value < limit;
    case '≤':
      return value <= limit;
  }
}

function withTarget(text: string, value: number, target: Target | undefined): string {
  if (target === undefined) return text;
  return `${text} (${target.relation} ${target.limit}: ${meets(value, target) ? 'met' : '**missed**'})`;
}

/** @returns for people: `1.23`, and where there is a target whether it is met */
export const formatRatio = (ratio: number, target?: Target): string =>
  withTarget(ratio.toFixed(ratio < 10 ? 2 : ratio < 100 ? 1 : 0), ratio, target);

/** The same for a time. */
export const formatTime = (time: number, target?: Target): string => withTarget(time.toFixed(1), time, target);

/** @returns a Markdown table: the first column to the left, the others to the right */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
