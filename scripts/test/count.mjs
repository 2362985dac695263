/**
 * What a step of the tests came to.
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {string[]} skipped by name
 */

/**
 * @param {import('vitest/node').JsonTestResults} report
 * @returns {Count}
 */
export function countVitest(report) {
  const cases = report.testResults.flatMap((file) => file.assertionResults);
  return {
    passed: cases.filter(({ status }) => status === 'passed').length,
    failed:
      cases.filter(({ status }) => status === 'failed').length +
      // A file that could not be loaded has no cases.
      report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length,
    skipped: cases
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ ancestorTitles, title }) => [...ancestorTitles, title].join(' › ')),
  };
}

/**
 * @param {import('@playwright/test/reporter').JSONReport} report
 * @returns {Count}
 */
export function countPlaywright(report) {
  /** @type {Count} */
  const count = { passed: 0, failed: 0, skipped: [] };
  /**
   * @param {import('@playwright/test/reporter').JSONReportSuite} suite
   * @param {string[]} titles of the suites around it
   */
  const add = ({ title, specs, suites = [] }, titles) => {
    const path = [...titles, title];
    for (const spec of specs) {
      for (const { status } of spec.tests) {
        if (status === 'unexpected') count.failed += 1;
        else if (status === 'skipped') count.skipped.push([...path, spec.title].join(' › '));
        else count.passed += 1;
      }
    }
    for (const inner of suites) add(inner, path);
  };
  for (const suite of report.suites) add(suite, []);
  return count;
}

/**
 * What a runner's exit code adds to what it counted: a crash, an error outside of any test, or no test at all is a
 * failure too.
 * @param {number} exitCode
 * @param {Count} count
 * @returns {Count}
 */
export function withExitCode(exitCode, count) {
  const nothing = count.passed + count.failed + count.skipped.length === 0;
  return nothing || (exitCode !== 0 && count.failed === 0) ? { ...count, failed: count.failed + 1 } : count;
}

/**
 * The last line of `npm test`.
 * @param {readonly Count[]} counts
 * @returns {string}
 */
export function total(counts) {
  /** @param {(count: Count) => number} of */
  const sum = (of) => counts.reduce((so, count) => so + of(count), 0);
  const skipped = sum((count) => count.skipped.length);
  const line = `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed`;
  return skipped === 0 ? line : `${line}, ${skipped} skipped`;
}
