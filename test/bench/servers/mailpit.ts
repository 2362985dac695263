import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Problem, say } from '../../../scripts/run/messages.mjs';
import { step } from '../../../scripts/run/step.mjs';
import { benchCache } from '../peers/folder.mjs';
import { onPath } from '../programs.ts';

/**
 * Mailpit: the one on the PATH, or one that `go` builds into the cache, where it can have it.
 * @returns the binary; null where it cannot be had
 */
export async function findMailpit(): Promise<string | null> {
  const present = onPath('mailpit');
  if (present !== null) return present;
  const GOBIN = join(benchCache, 'bin');
  const built = join(GOBIN, 'mailpit');
  if (existsSync(built)) return built;
  if (onPath('go') === null) return null;
  mkdirSync(GOBIN, { recursive: true });
  try {
    await step('Building Mailpit', 'go', ['install', 'github.com/axllent/mailpit@latest'], {
      env: { ...process.env, GOBIN },
      todo: 'Mailpit is left out.',
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    say(error.message);
    return null;
  }
  return built;
}
