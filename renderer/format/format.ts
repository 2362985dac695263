const decimal = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const clockTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const exactTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayAndMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const fullDate = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** @returns `1,204` */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** @returns `1 message`, `1,204 messages` */
export function formatCounted(count: number, one: string, many = `${one}s`): string {
  return `${whole.format(count)} ${count === 1 ? one : many}`;
}

/**
 * A size with at most three digits before the point; a kilobyte is 1,000 octets.
 * @param octets from 0 up
 * @returns `512 B`, `18.4 KB`, `2.3 MB`
 */
export function formatSize(octets: number): string {
  let size = octets;
  let unit = 'B';
  for (const larger of ['KB', 'MB', 'GB']) {
    // What would be rounded to 1,000 belongs to the next unit.
    if (size < 999.5) break;
    size /= 1000;
    unit = larger;
  }
  return `${(size < 100 ? decimal : whole).format(size)} ${unit}`;
}

function sameDay(a: Date, b: Date): boolean {
  return a.toDateString() === b.toDateString();
}

/**
 * When something was, as short as the list wants it: the time of today, the day of this year, else the date.
 * @param at milliseconds since the epoch
 * @param now milliseconds since the epoch
 */
export function formatWhen(at: number, now: number): string {
  const date = new Date(at);
  const today = new Date(now);
  if (sameDay(date, today)) return clockTime.format(date);
  return date.getFullYear() === today.getFullYear() ? dayAndMonth.format(date) : fullDate.format(date);
}

/**
 * When something was, to the second: the time of today, else date and time.
 * @param at milliseconds since the epoch
 * @param now milliseconds since the epoch
 */
export function formatExactly(at: number, now: number): string {
  const date = new Date(at);
  const time = exactTime.format(date);
  return sameDay(date, new Date(now)) ? time : `${fullDate.format(date)}, ${time}`;
}
