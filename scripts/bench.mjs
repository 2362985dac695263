/**
 * `npm run bench`: measures this server beside others and prints the ratios as Markdown.
 * `npm run bench -- smtp --rounds 3` runs one part alone; what there is stands in test/bench/bench.ts.
 */
import './setup/node-version.mjs';
import { join } from 'node:path';
import { installPeers } from '../test/bench/peers/install.mjs';
import { main, run } from './run/process.mjs';
import { root } from './setup/project.mjs';
import { setUp } from './setup/steps.mjs';

await main(async () => {
  const electron = await setUp();
  await installPeers();
  // In Electron's own Node: the runtime that ships, for the peers as well.
  return run(electron, [join(root, 'test/bench/bench.ts'), ...process.argv.slice(2)], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
});
