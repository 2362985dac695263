/** The composition root: makes each part once and joins them. */
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { app, dialog, nativeTheme } from 'electron';
import log from 'electron-log/main';
import { eventSender, serveCalls } from './ipc.ts';
import { ChangeFeed } from './mailbox/change-feed.ts';
import { Mailbox } from './mailbox/mailbox.ts';
import type { Retention } from './mailbox/message.ts';
import { Digester } from './mime/digester.ts';
import { Parser } from './mime/parser.ts';
import { RuleBook } from './rule-book.ts';
import { ServerSwitch } from './server-switch.ts';
import { type CommandLine, CommandLineError, readCommandLine } from './settings/command-line.ts';
import { JsonFile, type SetAside } from './settings/json-file.ts';
import { type Settings, isLoopback, settingsSchema } from './settings/settings.ts';
import { DragOut } from './shell/drag-out.ts';
import { guardPages } from './shell/guard.ts';
import { setAppMenu } from './shell/menu.ts';
import { Notices } from './shell/notices.ts';
import { APP_ORIGIN, registerScheme, serveRenderer } from './shell/scheme.ts';
import { AppTray } from './shell/tray.ts';
import { MainWindow } from './shell/window.ts';
import { Certificates } from './smtp/certificate.ts';
import { type ServerStatus, SmtpServer } from './smtp/server.ts';
import type { MailHandler } from './smtp/session.ts';
import { Transfers } from './transfer/transfers.ts';

/** Milliseconds between two reports of what the rules decided. */
const DECIDED_INTERVAL = 100;

/** Milliseconds for the messages that are on their way when the app quits. */
const QUIT_GRACE = 3000;

const commandLine = commandLineOrExit();
if (app.requestSingleInstanceLock()) {
  runOrExit(commandLine);
} else {
  console.error('mailmitt: Mailmitt runs already: its window is opened, and what else was asked for here is not done.');
  app.exit(0);
}

function commandLineOrExit(): CommandLine {
  try {
    return readCommandLine(process.argv.slice(1));
  } catch (error) {
    if (!(error instanceof CommandLineError)) throw error;
    console.error(`mailmitt: ${error.message}`);
    process.exit(2);
  }
}

function runOrExit(options: CommandLine): void {
  try {
    run(options);
  } catch (error) {
    const message = `Mailmitt cannot start: ${(error as Error).message}`;
    console.error(`mailmitt: ${message}`);
    dialog.showErrorBox('Mailmitt cannot start', (error as Error).message);
    app.exit(1);
  }
}

function run(options: CommandLine): void {
  for (const flag of options.unknown) console.error(`mailmitt: ${flag} is no option that Mailmitt knows`);
  const folder = app.getPath('userData');
  mkdirSync(folder, { recursive: true });
  log.transports.console.level = 'error';

  const notices = new Notices();
  const settings = new JsonFile(folder, 'settings', settingsSchema);
  tellSetAside(notices, 'The settings could not be read.', settings.setAside, 'The defaults hold now.');

  const ruleBook = new RuleBook(folder, (error) => log.error('What the rules remember could not be kept', error));
  const { setAside } = ruleBook;
  tellSetAside(notices, 'The rules could not be read.', setAside.rules, 'No rule holds now: all mail is accepted.');
  tellSetAside(notices, 'What the rules remembered could not be read.', setAside.memory, 'They begin anew.');
  tellKeptAside(notices, ruleBook.state.aside.length);

  const mailbox = new Mailbox(new URL('mailbox-worker.js', import.meta.url), join(folder, 'mailbox.sqlite'));
  mailbox.opened().then(
    (setAside) => {
      tellSetAside(notices, 'The mailbox could not be opened.', setAside, 'A new, empty one was begun.');
      digester.wake();
    },
    () => undefined, // Told by 'failed' as well.
  );
  mailbox.on('failed', (error) => {
    log.error(error);
    notices.add(
      'No mail can be kept.',
      `${error.message} What was caught before is still in ${folder}; clients are told to try again later. ` +
        'See whether that folder can be written to and its disk has room, then start Mailmitt again.',
    );
  });

  mailbox.on('setAside', (setAside) => {
    tellSetAside(notices, 'The mailbox was damaged.', setAside, 'A new, empty one was begun.');
    digester.wake();
  });
  mailbox.on('notStored', (reason) => {
    const what =
      reason === 'no space'
        ? `There is no room on the disk of ${folder}: clients are told 452. Make room, and they can send again.`
        : `It could not be written to ${folder}: clients are told 451, to try again later.`;
    notices.add('Mail could not be kept.', `${what} What was caught before is safe.`);
  });
  mailbox.on('problem', (error) => {
    log.error('The mailbox', error);
    digester.wake();
  });
  mailbox.setRetention(retentionOf(settings.value));

  const parser = new Parser({
    worker: new URL('mime-worker.js', import.meta.url),
    openSource: () => {
      const { port1, port2 } = new MessageChannel();
      mailbox.serveSource(port1);
      return port2;
    },
  });
  const digester = new Digester(mailbox, parser, (error) => log.error('Reading new messages failed', error));

  const transfers = new Transfers({
    worker: new URL('transfer-worker.js', import.meta.url),
    openMailbox: () => mailbox.openPort(),
    hostName: () => settings.value.hostName || hostname(),
  });

  const certificates = new Certificates(folder);
  const handler: MailHandler = {
    judge: (question) => ruleBook.rules.judge(question),
    receive: (envelope) => mailbox.receive(envelope),
    refused: (part, session, isOver) => mailbox.keepRefused(part, session, isOver),
  };
  let isCertificateTold = false;
  const smtp = new SmtpServer(
    handler,
    {},
    {
      context: async () => {
        const context = await certificates.context().catch((error: unknown) => {
          notices.add('TLS cannot be had.', `Clients are told so. ${(error as Error).message}`);
          throw error;
        });
        if (!isCertificateTold) {
          const { setAside } = certificates;
          tellSetAside(notices, 'The certificate for TLS could not be used.', setAside, 'There is a new one now.');
          isCertificateTold = setAside !== null;
        }
        return context;
      },
    },
  );
  const server = new ServerSwitch(smtp, certificates, settings, options);

  const developmentUrl = process.env.ELECTRON_RENDERER_URL;
  const origin = app.isPackaged || developmentUrl === undefined ? APP_ORIGIN : developmentUrl;
  const window = new MainWindow({
    url: `${origin}/index.html`,
    preload: join(import.meta.dirname, '../preload/bridge.cjs'),
  });
  const dragOut = new DragOut(join(folder, 'dragged'), mailbox, transfers, () => window.contents);
  const tell = eventSender(() => window.contents);
  transfers.on('changed', (list) => tell('transfers.changed', list));
  notices.on('changed', (list) => tell('notices.changed', list));
  mailbox.on('changed', () => digester.wake());
  const onFeedError = (error: Error): void => log.error('Telling the window what changed failed', error);
  const messages = new ChangeFeed(mailbox, (change) => tell('messages.changed', change), onFeedError);
  mailbox.on('changed', messages.changed).on('removed', messages.removed).on('cleared', messages.cleared);
  const refused = new ChangeFeed(
    { summaries: (ids) => mailbox.refusedSummaries(ids), counts: () => mailbox.refusedCounts() },
    (change) => tell('refused.changed', change),
    onFeedError,
  );
  mailbox.on('refusedChanged', refused.changed).on('refusedRemoved', refused.removed);
  mailbox.on('refusedCleared', refused.cleared);
  ruleBook.on('changed', (state) => tell('rules.changed', state));
  const tellDecided = (): void => tell('rules.decided', ruleBook.rules.memory.decisions());
  ruleBook.rules.on('decided', atMostEvery(DECIDED_INTERVAL, tellDecided));

  registerScheme();
  guardPages(origin);
  nativeTheme.themeSource = settings.value.theme;
  app.on('second-instance', () => window.open());
  app.on('activate', () => window.open());
  app.on('window-all-closed', () => undefined); // The app lives on in the tray.

  smtp.on('status', (status) => {
    report(status);
    tell('server.changed', status);
  });
  smtp.on('problem', (error) => log.error('The SMTP server could not serve a client', error));
  smtp.on('tlsFailure', (address) => {
    notices.add(
      `A client on ${address} would not go on under TLS.`,
      'Mostly that means that it does not trust the certificate, and its mail was not sent. Let it trust the certificate ' +
        'that Settings saves, tell it to do without TLS, or switch STARTTLS off in Settings.',
    );
  });
  void server.start();

  // Electron answers these itself only once it is ready, and the server listens before that.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());

  let finished = false;
  app.on('before-quit', (event) => {
    window.letClose();
    if (finished) return;
    event.preventDefault();
    void smtp
      .shutdown(QUIT_GRACE)
      .then(() => ruleBook.flush())
      .then(() => Promise.all([parser.close(), transfers.close(), dragOut.clear()]))
      .then(() => mailbox.close())
      .finally(() => {
        finished = true;
        app.quit();
      });
  });

  void app.whenReady().then(() => {
    setAppMenu();
    serveRenderer(join(import.meta.dirname, '../renderer'));
    const onSettings = async (before: typeof settings.value): Promise<void> => {
      nativeTheme.themeSource = settings.value.theme;
      mailbox.setRetention(retentionOf(settings.value));
      await server.apply(before);
    };
    const downloads = app.getPath('downloads');
    serveCalls(
      {
        ...{ server, certificates, mailbox, parser, ruleBook, settings, notices, transfers, dragOut },
        ...{ onSettings, downloads, tell },
      },
      () => window.contents,
    );
    const tray = new AppTray({
      open: () => window.open(),
      start: () => void server.start(),
      stop: () => void server.stop(),
      quit: () => app.quit(),
    });
    tray.show(listeningAddress(server.status));
    smtp.on('status', (status) => tray.show(listeningAddress(status)));
    if (!options.hidden) window.open();
  });
}

function tellSetAside(notices: Notices, title: string, setAside: SetAside | null, instead: string): void {
  if (setAside === null) return;
  notices.add(title, `${instead} The old file was kept as ${setAside.path}. What is wrong with it: ${setAside.reason}`);
}

function tellKeptAside(notices: Notices, count: number): void {
  if (count === 0) return;
  notices.add(
    count === 1 ? 'A rule cannot be used.' : `${count} rules cannot be used.`,
    'Nothing of it is lost: Rules shows what is kept aside, and why.',
  );
}

function retentionOf({ keepMessages, keepDays, keepMebibytes }: Settings): Retention {
  const octets = keepMebibytes === null ? null : keepMebibytes * 1024 * 1024;
  return { messages: keepMessages, days: keepDays, octets };
}

/** @returns what calls `report` soon after it was called, but not before so many milliseconds have passed */
function atMostEvery(interval: number, report: () => void): () => void {
  let timer: NodeJS.Timeout | null = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      report();
    }, interval);
  };
}

function listeningAddress(status: ServerStatus): string | null {
  if (status.state !== 'listening') return null;
  return status.host.includes(':') ? `[${status.host}]:${status.port}` : `${status.host}:${status.port}`;
}

function report(status: ServerStatus): void {
  const address = listeningAddress(status);
  if (address !== null) {
    console.log(`mailmitt: SMTP listening on ${address}`);
    if (!isLoopback(status.host)) console.error(`mailmitt: ${status.host} is open to the network: anybody can send`);
  } else if (status.state === 'failed') {
    const wayOut = status.freePort === null ? '' : ` Port ${status.freePort} is free: --smtp-port=${status.freePort}`;
    console.error(`mailmitt: ${status.message}${wayOut}`);
  }
}
