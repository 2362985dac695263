/** `npm start`: sets up what is missing and opens the app; what follows `--` goes to the app. */
import './setup/node-version.mjs';
import { desktopEnvironment } from './run/display.mjs';
import { main, run } from './run/process.mjs';
import { build } from './setup/build.mjs';
import { root } from './setup/project.mjs';
import { sandboxSwitches } from './setup/sandbox.mjs';
import { setUp } from './setup/steps.mjs';

await main(async () => {
  const electron = await setUp();
  await build();
  const env = await desktopEnvironment();
  return run(electron, [...sandboxSwitches, root, ...process.argv.slice(2)], { env });
});
