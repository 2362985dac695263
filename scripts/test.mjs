/**
 * `npm test`: sets up what is missing and runs every test; the last line is the total.
 * `npm test -- unit test/unit/smtp` runs one step alone; what follows its name goes to its tool.
 */
import './setup/node-version.mjs';
import { Problem } from './run/messages.mjs';
import { main, stopIfInterrupted } from './run/process.mjs';
import { build } from './setup/build.mjs';
import { setUp } from './setup/steps.mjs';
import { total } from './test/count.mjs';
import { steps } from './test/steps.mjs';

const [only, ...args] = process.argv.slice(2);

/**
 * Runs the steps, each whatever became of the ones before it, and tells what each came to.
 * @param {string} electron
 * @returns {Promise<import('./test/count.mjs').Count[]>}
 */
async function runSteps(electron) {
  const counts = [];
  const summary = [];
  for (const [name, step] of Object.entries(steps)) {
    if (only !== undefined && name !== only) continue;
    console.log(`\n── ${name}`);
    const begun = performance.now();
    const count = await step(electron, args);
    stopIfInterrupted();
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    counts.push(count);
    summary.push(
      `${name.padEnd(8)}${total([count])}, ${seconds} s`,
      ...count.skipped.map((test) => `  skipped: ${test}`),
    );
  }
  console.log(`\n${summary.join('\n')}\n`);
  return counts;
}

/**
 * Until the steps have run: a set-up that fails is a failure.
 * @type {import('./test/count.mjs').Count[]}
 */
let counts = [{ passed: 0, failed: 1, skipped: [] }];

await main(async () => {
  if (only !== undefined && !(only in steps)) {
    throw new Problem(`The tests have no step ${only}.`, `The steps are ${Object.keys(steps).join(', ')}.`);
  }
  const electron = await setUp({ tests: true });
  await build();
  counts = await runSteps(electron);
  return counts.some(({ failed }) => failed > 0) ? 1 : 0;
});
console.log(total(counts));
