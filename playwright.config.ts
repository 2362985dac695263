import { defineConfig } from '@playwright/test';

/** The tests start the app itself, with the Electron that MAILMITT_ELECTRON names: no browser of Playwright's. */
export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.test.ts',
  outputDir: 'test-results/e2e',
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: Boolean(process.env['CI']),
  // A trace holds pictures of the windows; screenshots alone are taken of Playwright's own browsers only.
  use: { trace: 'retain-on-failure' },
});
