import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

function mount(folder: string, size: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]).status === 0;
}

const unmount = (folder: string): void => {
  // Lazily: what a test left open must not keep the disk.
  spawnSync('umount', ['--lazy', folder]);
  rmdirSync(folder);
};

/** Whether disks can be made here: it takes root, and the right to mount. */
export const canMount = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), 'mailmitt-disk-'));
  const mounted = mount(folder, '1m');
  if (mounted) unmount(folder);
  else rmdirSync(folder);
  return mounted;
})();

/** @param size as mount takes it: `2m` @returns a disk of that size, of the running test's own */
export function smallDisk(size: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'mailmitt-disk-'));
  if (!mount(folder, size)) throw new Error(`could not mount a disk of ${size}`);
  onTestFinished(() => unmount(folder));
  return folder;
}
