/** What a thousand rules cost a recipient, and what a hostile pattern does: microseconds of the one thread that serves. */
import { type Rule, ruleSchema } from '../../main/rules/rule.ts';
import { type Question, Rules } from '../../main/rules/rules.ts';
import { say } from '../../scripts/run/messages.mjs';
import { type Target, below, formatTime, markdownTable, median } from './report.ts';

const RULES = 1000;
/** Questions of one measurement. */
const QUESTIONS = 2000;

/** Lists of which no rule matches, so that each of them is asked. */
const lists: { name: string; pattern: (index: number) => string; rules?: number; path?: string; target?: Target }[] = [
  { name: '1,000 addresses', pattern: (index) => `person${index}@customer${index % 50}.test`, target: below(50) },
  { name: '1,000 domains', pattern: (index) => `*@customer${index}.test`, target: below(50) },
  { name: '1,000 local parts', pattern: (index) => `bogus${index}*`, target: below(50) },
  { name: '1,000 with wildcards', pattern: (index) => `*bogus${index}*@*.customer*.test`, target: below(50) },
  { name: '1,000 regular expressions', pattern: (index) => `/^bogus${index}\\+.*@customer/` },
  {
    name: 'one hostile expression',
    pattern: () => '/(a+)+$/',
    rules: 1,
    path: `${'a'.repeat(300)}!`,
    target: below(1000),
  },
];

function listOf(pattern: (index: number) => string, count: number): Rule[] {
  return Array.from({ length: count }, (_, index) =>
    ruleSchema.parse({
      ...{ id: `r${index}`, enabled: true, stage: 'recipient', pattern: pattern(index), reason: '', reply: null },
      action: 'deny',
    }),
  );
}

/** @returns microseconds for a question, of each round */
function measure(list: Rule[], localPart: string, rounds: number): number[] {
  const rules = new Rules();
  rules.replace(list);
  const address = { localPart, domain: 'server.example' };
  const question: Question = { stage: 'recipient', remoteAddress: '127.0.0.1', reversePath: address, path: address };
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const begun = performance.now();
    for (let count = 0; count < QUESTIONS; count++) {
      if (rules.judge(question).outcome !== 'allow') throw new Error('a rule matched');
    }
    // The first one does not count.
    if (round > 0) times.push(((performance.now() - begun) * 1000) / QUESTIONS);
  }
  return times;
}

export function rules(rounds: number): Promise<string> {
  const rows = lists.map(({ name, pattern, rules: count = RULES, path = 'recipient', target }) => {
    const time = median(measure(listOf(pattern, count), path, rounds));
    say(`${name}: ${time.toFixed(1)} µs`);
    return [name, formatTime(time, target)];
  });
  return Promise.resolve(markdownTable(['a recipient that is held against', 'microseconds'], rows));
}
