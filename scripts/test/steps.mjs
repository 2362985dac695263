import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openXvfb } from '../run/display.mjs';
import { run } from '../run/process.mjs';
import { readJson, root } from '../setup/project.mjs';
import { countPlaywright, countVitest, withExitCode } from './count.mjs';

/** @typedef {import('./count.mjs').Count} Count */

/**
 * A step of the tests: told which Electron to use and what was put after its name on the command line.
 * @typedef {(electron: string, args: readonly string[]) => Promise<Count>} Step
 */

/** @param {string} path in node_modules */
const tool = (path) => join(root, 'node_modules', path);

/**
 * Programs that together either pass or not.
 * @param {(args: readonly string[]) => [script: string, ...args: string[]][]} programs in node_modules; all of them run,
 *   whatever the others say
 * @returns {Step}
 */
const check = (programs) => async (_, args) => {
  let passed = true;
  for (const [script, ...own] of programs(args)) {
    if ((await run(process.execPath, [tool(script), ...own])) !== 0) passed = false;
  }
  return { passed: Number(passed), failed: Number(!passed), skipped: [] };
};

/**
 * Runs a test runner and counts the cases in its report.
 * @template Report
 * @param {string} name of the report, which the runner's config puts into test-results/
 * @param {(report: Report) => Count} count
 * @param {() => Promise<number>} runTests gives the exit code
 * @returns {Promise<Count>}
 */
async function counted(name, count, runTests) {
  const file = join(root, 'test-results', name);
  rmSync(file, { force: true });
  const exitCode = await runTests();
  if (!existsSync(file)) return withExitCode(exitCode, { passed: 0, failed: 0, skipped: [] });
  return withExitCode(exitCode, count(/** @type {Report} */ (readJson(file))));
}

/** @type {Step} In Electron's own Node: the runtime that ships, with the SQLite that ships. */
const unit = (electron, args) =>
  counted('unit.json', countVitest, () =>
    run(electron, [tool('vitest/vitest.mjs'), 'run', ...args], { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } }),
  );

/** @type {Step} On a display of their own, so that they neither need a desktop nor disturb one. */
const e2e = (electron, args) =>
  counted('e2e.json', countPlaywright, async () => {
    const display = process.platform === 'linux' ? await openXvfb() : {};
    return run(process.execPath, [tool('@playwright/test/cli.js'), 'test', ...args], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: undefined, ...display, MAILMITT_ELECTRON: electron },
    });
  });

/** @type {Record<string, Step>} In the order that they run. */
export const steps = {
  format: check((paths) => [
    ['prettier/bin/prettier.cjs', '--check', '--log-level=warn', ...(paths.length ? paths : ['.'])],
  ]),
  lint: check((paths) => [['eslint/bin/eslint.js', '--max-warnings=0', ...(paths.length ? paths : ['.'])]]),
  types: check(() => [
    ['typescript/bin/tsc', '--noEmit'],
    ['typescript/bin/tsc', '--noEmit', '--project', 'test/e2e'],
    ['svelte-check/bin/svelte-check', '--tsconfig', 'renderer/tsconfig.json', '--fail-on-warnings'],
  ]),
  unit,
  e2e,
};
