import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { Problem } from '../../scripts/run/messages.mjs';
import { start } from '../../scripts/run/process.mjs';
import { freePort } from '../unit/support/free-port.ts';

/**
 * The command line of a server. It prints the port that it listens on, alone on a line, and may end when its standard
 * input does. One that can neither choose a free port nor tell it is given one.
 */
export type ServerCommand = readonly string[] | ((port: number) => readonly string[]);

/** A server that runs. */
export interface ServerProcess {
  /** On 127.0.0.1. */
  port: number;
  /** Its TMPDIR: of its own, and gone when it is stopped. */
  folder: string;
  stop(): Promise<void>;
}

/**
 * Starts a server.
 * @returns once it listens
 * @throws Problem when it ends instead
 */
export async function startServer(name: string, command: ServerCommand): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'mailmitt-bench-'));
  const given = typeof command === 'function' ? await freePort() : null;
  const [program = '', ...args] = typeof command === 'function' ? command(given as number) : command;
  const { child, ended } = start(program, args, {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };

  const lines = createInterface(child.stdout as NodeJS.ReadableStream);
  const told = new Promise<number>((resolve) => {
    lines.on('line', (line) => {
      if (/^\d+$/.test(line)) resolve(Number(line));
    });
  });
  const end = new AbortController();
  const hasEnded = ended.then(() => {
    end.abort();
    return null;
  });
  const port = await Promise.race([given === null ? told : accepts(given, end.signal), hasEnded]);
  if (port !== null) return { port, folder, stop };
  await stop();
  throw new Problem(`${name} did not start.`, 'What it said stands above.');
}

/** @returns the port once it takes connections; null when the server ends before */
async function accepts(port: number, end: AbortSignal): Promise<number | null> {
  while (!end.aborted) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return port;
    } catch {
      // Refused: nothing tells when it would not be.
      await setTimeout(20);
    } finally {
      socket.destroy();
    }
  }
  return null;
}
