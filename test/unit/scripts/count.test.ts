import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { countPlaywright, countVitest, total, withExitCode } from '../../../scripts/test/count.mjs';

const modules = join(import.meta.dirname, '../../../node_modules');
const results = join(import.meta.dirname, '../../../test-results');
let folder = '';

beforeEach(() => {
  // Inside the project, where the tests in it find their runner.
  mkdirSync(results, { recursive: true });
  folder = mkdtempSync(join(results, 'count-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The report that a runner really writes about some tests. */
function report(cli: string, args: string[]): unknown {
  spawnSync(process.execPath, [join(modules, cli), ...args], { cwd: folder, env: { ...process.env, CI: '' } });
  return JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
}

const cases = `
  test('passes', () => {});
  test('fails', () => expect(1).toBe(2));
  test.describe('inside', () => { test('passes', () => {}); test.skip('is left out', () => {}); });
`;

test("Vitest's report: cases, and a file that cannot be loaded as one failure", () => {
  writeFileSync(
    join(folder, 'a.test.js'),
    `import { describe, expect, test } from 'vitest'; ${cases.replace('test.describe', 'describe')}`,
  );
  writeFileSync(join(folder, 'b.test.js'), `import './not-there.js';`);
  writeFileSync(join(folder, 'vitest.config.js'), 'export default {}');
  const json = report('vitest/vitest.mjs', ['run', '--reporter=json', '--outputFile=report.json']);
  expect(countVitest(json as Parameters<typeof countVitest>[0])).toEqual({
    passed: 2,
    failed: 2,
    skipped: ['inside › is left out'],
  });
});

test("Playwright's report", () => {
  writeFileSync(join(folder, 'a.test.js'), `import { expect, test } from '@playwright/test'; ${cases}`);
  writeFileSync(
    join(folder, 'playwright.config.js'),
    `export default { testDir: '.', outputDir: 'output', reporter: [['json', { outputFile: 'report.json' }]] }`,
  );
  const json = report('@playwright/test/cli.js', ['test']);
  expect(countPlaywright(json as Parameters<typeof countPlaywright>[0])).toEqual({
    passed: 2,
    failed: 1,
    skipped: ['a.test.js › inside › is left out'],
  });
});

describe('a runner that', () => {
  test.each([
    ['passed', 0, { passed: 3, failed: 0 }, 0],
    ['counted its failures', 1, { passed: 3, failed: 2 }, 2],
    ['failed outside of any test', 1, { passed: 3, failed: 0 }, 1],
    ['crashed', 139, { passed: 0, failed: 0 }, 1],
    ['ran nothing', 0, { passed: 0, failed: 0 }, 1],
  ])('%s (exit code %i)', (_, exitCode, counts, failed) => {
    expect(withExitCode(exitCode, { ...counts, skipped: [] }).failed).toBe(failed);
  });

  test('skipped all of its tests has run', () => {
    expect(withExitCode(0, { passed: 0, failed: 0, skipped: ['a'] }).failed).toBe(0);
  });
});

test.each([
  [[{ passed: 1, failed: 0, skipped: [] }], '1 passed, 0 failed'],
  [
    [
      { passed: 1, failed: 1, skipped: [] },
      { passed: 40, failed: 2, skipped: ['a', 'b'] },
    ],
    '41 passed, 3 failed, 2 skipped',
  ],
])('the total of %j is "%s"', (counts, line) => {
  expect(total(counts)).toBe(line);
});
