/** `npm run dev`: the app, reloaded as its sources change; what follows `--` goes to the app. */
import './setup/node-version.mjs';
import { join } from 'node:path';
import { desktopEnvironment } from './run/display.mjs';
import { oneAtATime } from './run/one-at-a-time.mjs';
import { main, run } from './run/process.mjs';
import { forgetBuild } from './setup/build.mjs';
import { root } from './setup/project.mjs';
import { sandboxSwitches } from './setup/sandbox.mjs';
import { setUp } from './setup/steps.mjs';

await main(async () => {
  const electron = await setUp();
  // It builds into out/ too, but not what is to be started or packed.
  forgetBuild();
  const env = await desktopEnvironment();
  const args = ['dev', '--watch', '--', ...sandboxSwitches, ...process.argv.slice(2)];
  return run(process.execPath, [join(root, 'node_modules/electron-vite/bin/electron-vite.js'), ...args], {
    env: { ...env, ...oneAtATime(electron) },
  });
});
