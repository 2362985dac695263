import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, rmdirSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Mailmitt, expect, row, rows, test } from './mailmitt.ts';

const mount = (folder: string): boolean =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', folder]).status === 0;

/** Takes the room that is left on a disk, but for some. @returns the path of the file that takes it */
function fill(folder: string): string {
  const path = join(folder, 'filler');
  const file = openSync(path, 'wx');
  try {
    for (;;) writeSync(file, Buffer.alloc(64 * 1024));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
  return path;
}

test('on a full disk clients are told 452 and the user why, and with room again mail comes in again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mailmitt-disk-'));
  test.skip(!mount(folder), 'it takes root to make a small disk');
  const mailmitt = await Mailmitt.start(folder, '--smtp-port=0');
  try {
    const page = await mailmitt.page();
    await mailmitt.send({ subject: 'before' });
    await expect(rows(page)).toHaveCount(1);
    const filler = fill(folder);
    const large = { filename: 'large.bin', content: randomBytes(4_000_000) };
    await expect(mailmitt.send({ subject: 'too much', attachments: [large] })).rejects.toThrow(/452/);
    await expect(page.getByRole('alert')).toContainText('Mail could not be kept.');
    await expect(page.getByRole('alert')).toContainText('Make room');
    await expect(rows(page)).toHaveCount(1);

    rmSync(filler);
    await mailmitt.send({ subject: 'after', attachments: [large] });
    await expect(row(page, 'after')).toBeVisible();
    await row(page, 'before').click();
    await expect(page.getByRole('heading', { name: 'before' })).toBeVisible();
  } finally {
    await mailmitt.kill();
    spawnSync('umount', ['--lazy', folder]);
    rmdirSync(folder);
  }
});

test('a mailbox that cannot be opened or begun is told, clients are told to try again, and nothing is touched', async ({
  start,
  userData,
}) => {
  mkdirSync(join(userData, 'mailbox.sqlite'));
  const mailmitt = await start();
  const page = await mailmitt.page();
  await expect(page.getByRole('alert')).toContainText('No mail can be kept.');
  await expect(page.getByRole('alert')).toContainText(userData);
  await expect(mailmitt.send()).rejects.toThrow(/451/);
});
