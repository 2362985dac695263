import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Problem } from '../../scripts/run/messages.mjs';

/** Debian keeps Postfix' programs in /usr/sbin, which is on root's PATH alone. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];

/** @returns the program's path; null where it is not installed */
export function onPath(program: string): string | null {
  const isThere = (path: string): boolean => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return folders.map((folder) => join(folder, program)).find(isThere) ?? null;
}

/**
 * @param debianPackage that has the program
 * @returns the program's path
 * @throws Problem where it is not installed
 */
export function needed(program: string, debianPackage: string): string {
  const path = onPath(program);
  if (path !== null) return path;
  throw new Problem(`${program} is missing.`, `Install it, then run this again: apt-get install ${debianPackage}`);
}
