/** `npm start`: sets up what is missing and opens the app; what follows `--` goes to the app. */
import './setup/node-version.mjs';
import { desktopEnvironment, hasNoDisplay } from './run/display.mjs';
import { main, run } from './run/process.mjs';
import { build } from './setup/build.mjs';
import { root } from './setup/project.mjs';
import { sandboxSwitches } from './setup/sandbox.mjs';
import { setUp } from './setup/steps.mjs';

/** Where there is no desktop there is no message bus either, and Chromium would report a dozen errors about that. */
const quiet = hasNoDisplay ? ['--log-level=3'] : [];

await main(async () => {
  const electron = await setUp();
  await build();
  const env = await desktopEnvironment();
  return run(electron, [...sandboxSwitches, ...quiet, root, ...process.argv.slice(2)], { env });
});
