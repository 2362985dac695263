import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../setup/project.mjs';

/**
 * electron-vite signals the app that runs and starts the next one at once, which would find the port and the
 * single-instance lock still held, and quit. On Windows there is nothing to wait for: the signal ends the app there.
 * @param {string} electron the binary
 * @returns {NodeJS.ProcessEnv} what electron-vite needs in its environment to run it, one after the other
 */
export function oneAtATime(electron) {
  if (process.platform === 'win32') return { ELECTRON_EXEC_PATH: electron };
  const pidFile = join(root, 'out/electron.pid');
  rmSync(pidFile, { force: true });
  return {
    ELECTRON_EXEC_PATH: fileURLToPath(new URL('one-at-a-time.sh', import.meta.url)),
    MAILMITT_ELECTRON: electron,
    MAILMITT_ELECTRON_PID: pidFile,
  };
}
