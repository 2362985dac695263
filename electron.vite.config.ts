import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';
import { join } from 'node:path';

/** Main runs as ES modules, a worker thread is an entry of its own; a sandboxed preload has to be one CommonJS file. */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      rolldownOptions: {
        input: {
          app: 'main/app.ts',
          'mailbox-worker': 'main/mailbox/worker.ts',
          'mime-worker': 'main/mime/worker.ts',
          'transfer-worker': 'main/transfer-worker.ts',
        },
        output: { format: 'es' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rolldownOptions: { input: { bridge: 'preload/bridge.ts' }, output: { format: 'cjs' } },
    },
  },
  renderer: {
    root: 'renderer',
    build: {
      outDir: 'out/renderer',
      minify: true,
      rolldownOptions: { input: join(import.meta.dirname, 'renderer/index.html') },
    },
    plugins: [svelte({ configFile: '../svelte.config.js' })],
  },
});
