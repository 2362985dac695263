import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

/** Runs in Electron's own Node (see scripts/test/steps.mjs), never in a browser. */
export default defineConfig({
  test: {
    pool: 'threads',
    // Many start real programs, servers and threads, on whatever machine CI has.
    testTimeout: 20_000,
    reporters: ['default', ['json', { outputFile: 'test-results/unit.json' }]],
    projects: [
      {
        extends: true,
        test: { name: 'node', include: ['test/unit/**/*.test.ts'], exclude: ['test/unit/renderer/**'] },
      },
      {
        extends: true,
        // Runes as the window has them: Vitest would take the server's, where no effect ever runs.
        plugins: [svelte({ dynamicCompileOptions: () => ({ generate: 'client' }) })],
        ssr: { resolve: { conditions: ['browser', ...defaultServerConditions] } },
        test: { name: 'renderer', include: ['test/unit/renderer/**/*.test.ts'] },
      },
    ],
  },
});
