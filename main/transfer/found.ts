import type { Stats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from './reason.ts';

/** How a message lies in its mailbox. */
export interface Flags {
  unread: boolean;
  starred: boolean;
}

/** A file that may hold mail. */
export interface FoundFile {
  path: string;
  /** Octets. */
  size: number;
  /** Whether it is mail for certain, as somebody said so; else it lay in some folder, and may be anything. */
  isMail: boolean;
  flags: Flags;
}

/** Is told what was passed over, and why, as a sentence. */
type OnOdd = (path: string, reason: string) => void;

const asItCame: Flags = { unread: true, starred: false };
const isLink = 'It is a link, which could lead anywhere.';
const isOdd = 'It is neither a file nor a folder.';

/**
 * The files that were chosen, and those in the folders that were chosen, in the order of their names, which in a Maildir is
 * that of delivery (https://cr.yp.to/proto/maildir.html). No link in a folder is followed: there could be a circle.
 */
export async function* findFiles(paths: readonly string[], onOdd: OnOdd): AsyncGenerator<FoundFile> {
  for (const path of paths) {
    // This one may be a link: whoever chose it means what it leads to.
    const status = await tried(path, stat(path), onOdd);
    if (status?.isDirectory()) yield* filesIn(path, onOdd);
    else if (status?.isFile()) yield { path, size: status.size, isMail: true, flags: asItCame };
    else if (status) onOdd(path, isOdd);
  }
}

async function* filesIn(folder: string, onOdd: OnOdd): AsyncGenerator<FoundFile> {
  const names = await namesIn(folder, onOdd);
  const isMaildir = names.includes('cur') && names.includes('new');
  if (isMaildir) yield* mailIn(folder, onOdd);
  // What else is in a Maildir belongs to the program that delivers there, but for the folders.
  for (const name of names.filter((name) => !isMaildir || !['cur', 'new', 'tmp'].includes(name))) {
    const path = join(folder, name);
    const status = await statusOf(path, onOdd);
    if (status?.isDirectory()) yield* filesIn(path, onOdd);
    // Hidden ones are the system's.
    else if (status?.isFile() && !isMaildir && !name.startsWith('.')) {
      yield { path, size: status.size, isMail: false, flags: asItCame };
    }
  }
}

async function* mailIn(folder: string, onOdd: OnOdd): AsyncGenerator<FoundFile> {
  const found: { name: string; path: string; flags: Flags }[] = [];
  for (const part of ['cur', 'new']) {
    const inside = join(folder, part);
    if (!(await statusOf(inside, onOdd))?.isDirectory()) continue;
    for (const name of await namesIn(inside, onOdd)) {
      if (name.startsWith('.')) continue;
      found.push({ name, path: join(inside, name), flags: part === 'new' ? asItCame : flagsOf(name) });
    }
  }
  for (const { path, flags } of found.sort((a, b) => compare(a.name, b.name))) {
    const status = await statusOf(path, onOdd);
    if (status?.isFile()) yield { path, size: status.size, isMail: true, flags };
  }
}

/** As they stand behind `:2,`, or behind what takes the colon's place where no file name can hold one. */
function flagsOf(name: string): Flags {
  const flags = /[:!;]2,([^:!;]*)$/.exec(name)?.[1] ?? '';
  return { unread: !flags.includes('S'), starred: flags.includes('F') };
}

/** @returns null for what is neither file nor folder, or cannot be looked at */
async function statusOf(path: string, onOdd: OnOdd): Promise<Stats | null> {
  const status = await tried(path, lstat(path), onOdd);
  if (status === null || status.isDirectory() || status.isFile()) return status;
  onOdd(path, status.isSymbolicLink() ? isLink : isOdd);
  return null;
}

async function namesIn(folder: string, onOdd: OnOdd): Promise<string[]> {
  return (await tried(folder, readdir(folder), onOdd))?.sort(compare) ?? [];
}

async function tried<T>(path: string, looked: Promise<T>, onOdd: OnOdd): Promise<T | null> {
  try {
    return await looked;
  } catch (error) {
    onOdd(path, `It cannot be read: ${reasonOf(error)}`);
    return null;
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
