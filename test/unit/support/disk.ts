import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './folder.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'mailmitt-disk-'));

function mount(folder: string, options: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status === 0;
}

function unmount(folder: string): void {
  // Lazily: what a test left open must not keep the disk.
  spawnSync('umount', ['--lazy', folder]);
  rmdirSync(folder);
}

/** Whether disks can be made here: it takes root, and the right to mount. */
export const canMount = ((): boolean => {
  const folder = newFolder();
  const mounted = mount(folder, 'size=1m');
  if (mounted) unmount(folder);
  else rmdirSync(folder);
  return mounted;
})();

function disk(options: string): string {
  const folder = newFolder();
  if (!mount(folder, options)) throw new Error(`could not mount a disk with ${options}`);
  onTestFinished(() => unmount(folder));
  return folder;
}

/** @param size as mount takes it: `2m` @returns a disk of that size, of the running test's own */
export const smallDisk = (size: string): string => disk(`size=${size}`);

/** Whether {@link readOnlyFolder} can make one: root writes wherever a mount does not keep it from it. */
export const canMakeReadOnly = canMount || process.getuid?.() !== 0;

/** @returns an empty folder that nothing can be written to, of the running test's own */
export function readOnlyFolder(): string {
  if (canMount) return disk('size=1m,ro');
  const folder = temporaryFolder();
  chmodSync(folder, 0o500);
  return folder;
}
