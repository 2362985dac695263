import { type ElectronApplication, type Locator, type Page, _electron, expect, test as base } from '@playwright/test';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SendMailOptions, type SentMessageInfo, createTransport } from 'nodemailer';
import type { Bridge, Calls } from '../../preload/contract.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const recordTray = fileURLToPath(new URL('record-tray.cjs', import.meta.url));
/** As root Electron refuses to run with its sandbox. */
const rootSwitches = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

export function electronBinary(): string {
  const binary = process.env['MAILMITT_ELECTRON'];
  if (binary === undefined) throw new Error('Run these tests with `npm test`, which says where Electron is.');
  return binary;
}

/** Arguments for {@link electronBinary} that start the app. */
export const appArguments = (userData: string, ...args: string[]): string[] => [
  ...rootSwitches,
  project,
  `--user-data-dir=${userData}`,
  ...args,
];

/** The app, running. */
export class Mailmitt {
  readonly app: ElectronApplication;

  /** Known for as long as the test runs: Playwright forgets it when the app is gone. */
  readonly #process: ChildProcess;

  private constructor(app: ElectronApplication) {
    this.app = app;
    this.#process = app.process();
  }

  static async start(userData: string, ...args: string[]): Promise<Mailmitt> {
    const app = await _electron.launch({
      executablePath: electronBinary(),
      args: ['-r', recordTray, ...appArguments(userData, ...args)],
    });
    return new Mailmitt(app);
  }

  /** The port that it listens on, once it does. */
  async port(): Promise<number> {
    await expect.poll(() => this.call('server.status', undefined)).toMatchObject({ state: 'listening' });
    return (await this.call('server.status', undefined)).port;
  }

  async page(): Promise<Page> {
    const page = this.app.windows()[0] ?? (await this.app.firstWindow());
    await page.getByRole('status', { name: 'SMTP server' }).waitFor();
    return page;
  }

  /** Sends a message as an app under test would. Rejects with the server's reply where it refuses. */
  async send(message: SendMailOptions = {}): Promise<SentMessageInfo> {
    const transport = createTransport({ host: '127.0.0.1', port: await this.port(), ignoreTLS: true });
    try {
      return await transport.sendMail({
        from: 'Orchard <no-reply@orchard.test>',
        to: 'maria@customer.test',
        subject: 'Your sign-in code',
        text: 'The code is 482 913.',
        ...message,
      });
    } finally {
      transport.close();
    }
  }

  /** Asks the main process as the window does. */
  async call<K extends keyof Calls>(name: K, argument: Calls[K]['argument']): Promise<Calls[K]['result']> {
    const page = await this.page();
    return page.evaluate(
      ([call, value]) => (globalThis as unknown as { mailmitt: Bridge }).mailmitt.call(call, value as never),
      [name, argument] as const,
    );
  }

  /** Chooses an entry of the tray's menu, by its id. */
  async chooseInTray(id: 'open' | 'start' | 'stop' | 'quit'): Promise<void> {
    await this.app.evaluate((_electron, entry) => {
      const { trayMenu } = globalThis as unknown as { trayMenu: Electron.Menu };
      trayMenu.getMenuItemById(entry)?.click();
    }, id);
  }

  /** Quits as the user does, and waits until it is gone. */
  async quit(): Promise<void> {
    const exited = new Promise((resolve) => this.#process.once('exit', resolve));
    // The connection goes down with the app, often before its answer comes.
    await this.app.evaluate(({ app }) => app.quit()).catch(() => undefined);
    await exited;
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    // With all its helpers: Playwright makes it the leader of a process group, where there are such.
    if (process.platform === 'win32' || child.pid === undefined) child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
    await exited;
  }
}

/** The rows of the list. */
export const rows = (page: Page): Locator => page.getByRole('listbox', { name: 'Messages' }).getByRole('option');

/** The row of the message with this subject. */
export const row = (page: Page, subject: string): Locator =>
  page.getByRole('listbox', { name: 'Messages' }).getByRole('option', { name: new RegExp(`^${subject}`) });

/** The system's own dialogs cannot be driven: they answer with a path at once, and what they were told is kept. */
export async function answerDialogs(mailmitt: Mailmitt, path: string): Promise<void> {
  await mailmitt.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = (options) => {
      Object.assign(globalThis, { asked: options });
      return Promise.resolve({ canceled: false, filePath });
    };
    dialog.showOpenDialog = (options) => {
      Object.assign(globalThis, { asked: options });
      return Promise.resolve({ canceled: false, filePaths: [filePath] });
    };
  }, path);
}

interface Fixtures {
  /** A data folder of the test's own. */
  userData: string;
  /** Starts the app on that folder, on any free port unless told otherwise; it ends with the test. */
  start: (...args: string[]) => Promise<Mailmitt>;
  /** The app, started. */
  mailmitt: Mailmitt;
}

export const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from it
  userData: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'mailmitt-e2e-'));
    await use(folder);
    // Electron's helpers may outlive it for a moment, and write.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  },
  start: async ({ userData }, use) => {
    const started: Mailmitt[] = [];
    await use(async (...args) => {
      const mailmitt = await Mailmitt.start(userData, ...(args.length === 0 ? ['--smtp-port=0'] : args));
      started.push(mailmitt);
      return mailmitt;
    });
    for (const mailmitt of started) await mailmitt.kill();
  },
  mailmitt: async ({ start }, use) => use(await start()),
});

/** Runs a program to its end. */
export function run(program: string, args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ELECTRON_RUN_AS_NODE: undefined } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
export { expect };
