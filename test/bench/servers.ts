/** The servers that are measured, each in a process of its own. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readJson } from '../../scripts/setup/project.mjs';
import { needed, onPath } from './programs.ts';
import type { ServerCommand } from './server-process.ts';
import { committedMessages } from './servers/database.ts';
import { findMailpit } from './servers/mailpit.ts';

/** Whether the client goes on over its connections, or makes a new one for each message. */
export type Connections = 'reused' | 'new';

export interface Server {
  name: string;
  command: ServerCommand;
  /** Of one run, so that it takes a second or two. */
  messages: Record<Connections, number>;
  /** @param folder its TMPDIR @returns the messages that are kept: as many as were sent */
  kept?: (folder: string) => number;
}

/** A server that is not to be had here, and why. */
export interface Missing {
  name: string;
  why: string;
}

const fileHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** Runs one of servers/ in the runtime that runs this. */
const inNode = (script: string): string[] => [process.execPath, fileHere(`servers/${script}`)];

/** @returns name and version of a package that the bench installs */
function withVersion(name: string): string {
  const { dependencies } = readJson(fileHere('peers/package.json')) as { dependencies: Record<string, string> };
  return `${name} ${dependencies[name]}`;
}

export const storageOff: Server = {
  name: 'Mailmitt, storage off',
  command: inNode('discarding.ts'),
  messages: { reused: 10_000, new: 4000 },
};

export const committed: Server = {
  name: 'Mailmitt, committed',
  command: inNode('committing.ts'),
  messages: { reused: 4000, new: 2500 },
  kept: committedMessages,
};

/** The same, while the parser reads and the index follows. */
export const indexed: Server = { ...committed, name: 'Mailmitt, indexed', command: inNode('indexing.ts') };

/** What is the most that a server in this runtime can reach. */
export const bare: Server = {
  name: "Node's sockets, bare",
  command: inNode('bare.ts'),
  messages: { reused: 12_000, new: 4000 },
};

export const smtpServer: Server = {
  name: withVersion('smtp-server'),
  command: inNode('smtp-server.ts'),
  // It waits 100 ms in each new connection.
  messages: { reused: 6000, new: 200 },
};

export const mailDev: Server = {
  name: withVersion('maildev'),
  command: inNode('maildev.ts'),
  messages: { reused: 500, new: 150 },
};

/** What its web pages ask. */
export const mailDevInbox = {
  name: mailDev.name,
  /** @param messages that it is to hold */
  command: (messages: number): ServerCommand => [...inNode('maildev-inbox.ts'), String(messages)],
};

/** The least that can be done: it reads and answers, in C. */
export function smtpSink(): Server {
  // It wants to be nobody where it is started by root.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const program = needed('smtp-sink', 'postfix');
  return {
    name: 'smtp-sink',
    command: (port) => [program, ...user, `127.0.0.1:${port}`, '1000'],
    messages: { reused: 12_000, new: 5000 },
  };
}

export function tclSmtpd(): Server | Missing {
  const name = "Tcl's smtpd";
  const { stdout } = spawnSync('tclsh', { input: 'puts [catch {package require smtpd}]', encoding: 'utf8' });
  if (onPath('tclsh') === null || stdout.trim() !== '0') {
    return { name, why: 'tclsh or tcllib is missing: apt-get install tcl tcllib' };
  }
  return {
    name,
    command: ['tclsh', fileHere('../unit/smtp/tcl-smtpd.tcl')],
    messages: { reused: 1500, new: 1000 },
  };
}

/** It keeps mail in a database, and has no way to be without its web pages. */
export async function mailpit(): Promise<Server | Missing> {
  const program = await findMailpit();
  if (program === null) return { name: 'Mailpit', why: 'not on the PATH, and go could not install it' };
  return {
    name: 'Mailpit',
    command: (port) => [program, '--smtp', `127.0.0.1:${port}`, '--listen', '127.0.0.1:0', '--quiet'],
    messages: { reused: 4000, new: 2000 },
  };
}
