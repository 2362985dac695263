import { type IpcMainInvokeEvent, type WebContents, dialog, ipcMain } from 'electron';
import log from 'electron-log/main';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Calls, Events, FieldError, RuleImport, SaveResult } from '../preload/contract.ts';
import { fileNameOfTitle } from './file-name.ts';
import type { Mailbox } from './mailbox/mailbox.ts';
import { type MessageFilter, tagColors } from './mailbox/message.ts';
import type { Parser } from './mime/parser.ts';
import { type RuleBook, checkRule, fieldErrors } from './rule-book.ts';
import { MAX_RULES } from './rules/rule-set.ts';
import { type Rule, ruleDefaultsSchema } from './rules/rule.ts';
import type { ServerSwitch } from './server-switch.ts';
import type { JsonFile } from './settings/json-file.ts';
import { type Settings, settingsSchema } from './settings/settings.ts';
import type { DragOut } from './shell/drag-out.ts';
import type { Notices } from './shell/notices.ts';
import { Certificates } from './smtp/certificate.ts';
import type { Transfers } from './transfer/transfers.ts';

/** The parts of the app that the window may reach. */
export interface Parts {
  server: ServerSwitch;
  certificates: Certificates;
  mailbox: Mailbox;
  parser: Parser;
  ruleBook: RuleBook;
  settings: JsonFile<Settings>;
  notices: Notices;
  transfers: Transfers;
  dragOut: DragOut;
  /** Called after settings were saved. */
  onSettings: (before: Settings) => Promise<void>;
  /** Where files are saved unless the user chooses another folder. */
  downloads: string;
  tell: Tell;
}

/** Sends an event to the window, if there is one. */
export type Tell = <K extends keyof Events>(name: K, payload: Events[K]) => void;

type Handlers = {
  [K in keyof Calls]: {
    argument: z.ZodType<Calls[K]['argument']>;
    handle: (argument: Calls[K]['argument']) => Calls[K]['result'] | Promise<Calls[K]['result']>;
  };
};

const id = z.int().positive();
const port = z.int().min(1).max(65_535);
const ids = z.array(id).max(100_000);
const search = z.string().max(10_000);
const messages = z.union([z.strictObject({ ids }), z.strictObject({ mailbox: id.nullable(), search, through: id })]);
// A search can name no quote within quotes.
const tagName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^"\p{Cc}]*$/u);
const limit = z.int().positive().nullable();
const retention = z.strictObject({ messages: limit, days: limit, octets: limit });
const nothing = z.undefined();
/** What the user edited is checked by its own schema, which says what is wrong with it. */
const draft = <T>(): z.ZodType<T> => z.custom<T>((value) => typeof value === 'object' && value !== null);

function handlers(parts: Parts): Handlers {
  const { server, certificates, mailbox, parser, ruleBook, settings, notices, transfers, dragOut, tell } = parts;
  const counter = new Counter(mailbox);
  return {
    'server.status': { argument: nothing, handle: () => server.status },
    'server.start': {
      argument: z.strictObject({ port: port.optional(), tlsPort: port.optional() }),
      handle: async (ports) => {
        const status = await server.start(ports);
        if (Object.keys(ports).length > 0) tell('settings.changed', settings.value);
        return status;
      },
    },
    'server.stop': { argument: nothing, handle: () => server.stop() },

    'messages.list': {
      argument: z.strictObject({
        mailbox: id.optional(),
        search: search.optional(),
        before: id.optional(),
        limit: z.int().min(1).max(500),
      }),
      handle: ({ mailbox: only = null, search = '', before, limit }) =>
        mailbox.list({ mailbox: only, search }, before, limit),
    },
    'messages.open': { argument: z.strictObject({ id }), handle: ({ id }) => openMessage(mailbox, parser, id) },
    'messages.source': {
      argument: z.strictObject({
        id,
        offset: z.int().min(0),
        length: z
          .int()
          .min(1)
          .max(4 * 1024 * 1024),
      }),
      handle: ({ id, offset, length }) => mailbox.source(id, offset, length),
    },
    'messages.count': {
      argument: z.strictObject({ mailbox: id.optional(), search }),
      handle: ({ mailbox: only = null, search }) => counter.count({ mailbox: only, search }),
    },
    'messages.markRead': {
      argument: z.strictObject({ messages, read: z.boolean() }),
      handle: async ({ messages, read }) => {
        await mailbox.setUnread(messages, !read);
      },
    },
    'messages.star': {
      argument: z.strictObject({ messages, starred: z.boolean() }),
      handle: async ({ messages, starred }) => {
        await mailbox.setStarred(messages, starred);
      },
    },
    'messages.tag': {
      argument: z.strictObject({ messages, tag: id, on: z.boolean() }),
      handle: async ({ messages, tag, on }) => {
        await mailbox.setTag(messages, tag, on);
      },
    },
    'messages.delete': {
      argument: z.strictObject({ messages }),
      handle: ({ messages }) => mailbox.delete(messages),
    },
    'messages.restore': {
      argument: z.strictObject({ deletion: id }),
      handle: async ({ deletion }) => {
        await mailbox.restore(deletion);
      },
    },
    'messages.save': { argument: z.strictObject({ id }), handle: ({ id }) => saveMessage(parts, id) },
    'messages.export': {
      argument: z.strictObject({ messages, format: z.enum(['mbox', 'zip']), name: z.string().max(1000) }),
      handle: async ({ messages, format, name }) => {
        const path = await askWhereTo(parts.downloads, fileNameOfTitle(`${name}.${format}`, `Mail.${format}`));
        if (path !== null) void transfers.export(messages, format, path, name);
      },
    },
    'messages.import': {
      argument: z.strictObject({ mailbox: id, what: z.enum(['files', 'folders']) }),
      handle: async ({ mailbox, what }) => {
        const paths = await askForFiles(what === 'files' ? 'openFile' : 'openDirectory');
        if (paths.length > 0) void transfers.import(paths, mailbox);
      },
    },
    'messages.prepareDrag': {
      argument: z.strictObject({ ids: z.array(id).min(1).max(1000) }),
      handle: ({ ids }) => dragOut.prepare(ids),
    },
    'messages.drag': {
      argument: z.strictObject({ prepared: id }),
      handle: ({ prepared }) => {
        dragOut.start(prepared);
      },
    },
    'transfers.list': { argument: nothing, handle: () => transfers.list },
    'transfers.cancel': {
      argument: z.strictObject({ id }),
      handle: ({ id }) => {
        transfers.cancel(id);
      },
    },
    'transfers.dismiss': {
      argument: z.strictObject({ id }),
      handle: ({ id }) => {
        transfers.dismiss(id);
      },
    },
    'tags.create': {
      argument: z.strictObject({ name: tagName, color: z.enum(tagColors) }),
      handle: ({ name, color }) => mailbox.createTag(name, color),
    },
    'tags.change': {
      argument: z.strictObject({ id, name: tagName, color: z.enum(tagColors) }),
      handle: async ({ id, name, color }) => {
        await mailbox.changeTag(id, name, color);
      },
    },
    'tags.delete': {
      argument: z.strictObject({ id }),
      handle: async ({ id }) => {
        await mailbox.deleteTag(id);
      },
    },
    'mailboxes.rename': {
      argument: z.strictObject({ id, name: z.string().trim().min(1).max(200) }),
      handle: async ({ id, name }) => {
        await mailbox.renameMailbox(id, name);
      },
    },
    'mailboxes.retention': {
      argument: z.strictObject({ id, retention: retention.nullable() }),
      handle: async ({ id, retention }) => {
        await mailbox.setMailboxRetention(id, retention);
      },
    },
    'mailboxes.delete': {
      argument: z.strictObject({ id }),
      handle: async ({ id }) => {
        await mailbox.deleteMailbox(id);
      },
    },
    'attachments.save': {
      argument: z.strictObject({ id, index: z.int().min(0) }),
      handle: ({ id, index }) => saveAttachment(parser, id, index, parts.downloads),
    },

    'refused.list': {
      argument: z.strictObject({ before: id.optional(), limit: z.int().min(1).max(500) }),
      handle: ({ before, limit }) => mailbox.refusedList(before, limit),
    },
    'refused.open': { argument: z.strictObject({ id }), handle: ({ id }) => mailbox.refusedSession(id) },
    'refused.markRead': {
      argument: z.strictObject({ ids, read: z.boolean() }),
      handle: async ({ ids, read }) => {
        await mailbox.setRefusedUnread(ids, !read);
      },
    },
    'refused.delete': {
      argument: z.strictObject({ ids }),
      handle: async ({ ids }) => {
        await mailbox.deleteRefused(ids);
      },
    },
    'refused.deleteAll': {
      argument: z.strictObject({ through: id }),
      handle: async ({ through }) => {
        await mailbox.deleteRefusedThrough(through);
      },
    },

    'rules.get': { argument: nothing, handle: () => ruleBook.state },
    'rules.save': {
      argument: z.strictObject({
        rules: z.array(draft<Rule>()).max(MAX_RULES),
        defaults: ruleDefaultsSchema.optional(),
      }),
      handle: ({ rules, defaults }) => ruleBook.save(rules, defaults),
    },
    'rules.check': { argument: z.strictObject({ rule: draft<Rule>() }), handle: ({ rule }) => checkRule(rule) },
    'rules.forecast': {
      argument: z.strictObject({
        host: z.string().max(1000),
        sender: z.string().max(1000),
        recipients: z.array(z.string().max(1000)).max(1000),
      }),
      handle: (asked) => ruleBook.forecast(asked),
    },
    'rules.decisions': { argument: nothing, handle: () => ruleBook.rules.memory.decisions() },
    'rules.forget': {
      argument: z.strictObject({ id: z.string() }),
      handle: ({ id }) => {
        ruleBook.forget(id);
      },
    },
    'rules.deleteAside': {
      argument: z.strictObject({ index: z.int().min(0) }),
      handle: ({ index }) => {
        ruleBook.deleteAside(index);
      },
    },
    'rules.export': { argument: nothing, handle: () => exportRules(ruleBook, parts.downloads) },
    'rules.import': { argument: nothing, handle: () => importRules(ruleBook) },

    'settings.get': { argument: nothing, handle: () => settings.value },
    'settings.save': {
      argument: draft<Partial<Settings>>(),
      handle: async (changes) => {
        const before = settings.value;
        const named = Object.entries<unknown>(changes).filter(([, value]) => value !== undefined);
        const checked = settingsSchema.safeParse({ ...before, ...Object.fromEntries(named) });
        if (!checked.success) return refused(checked.error);
        const error = await certificateError(checked.data, before);
        if (error !== null) return { saved: false, errors: [error] };
        settings.set(checked.data);
        tell('settings.changed', checked.data);
        await parts.onSettings(before);
        return { saved: true };
      },
    },

    'certificate.info': { argument: nothing, handle: () => certificates.info() },
    'certificate.renew': { argument: nothing, handle: () => certificates.renew() },
    'certificate.export': { argument: nothing, handle: () => exportCertificate(certificates, parts.downloads) },

    'notices.list': { argument: nothing, handle: () => notices.list },
    'notices.dismiss': {
      argument: z.strictObject({ id: z.string() }),
      handle: ({ id }) => {
        notices.dismiss(id);
      },
    },
  };
}

/**
 * Answers the window's calls.
 * @param page the page that may call, while there is one; its main frame only
 */
export function serveCalls(parts: Parts, page: () => WebContents | null): void {
  const all = handlers(parts);
  ipcMain.handle('call', (event, name: unknown, argument: unknown) => {
    if (!isOwnFrame(event, page())) return refuse(`a call from ${event.senderFrame?.url ?? 'a frame that is gone'}`);
    if (typeof name !== 'string' || !Object.hasOwn(all, name)) return refuse(`the unknown call ${String(name)}`);
    return answer(name, all[name as keyof Calls] as Handler, argument);
  });
  ipcMain.handle('dropped', (event, argument: unknown) => {
    if (!isOwnFrame(event, page())) return refuse(`files from ${event.senderFrame?.url ?? 'a frame that is gone'}`);
    return answer('importDropped', importDropped(parts) as Handler, argument);
  });
}

interface Handler {
  argument: z.ZodType;
  handle: (argument: unknown) => unknown;
}

async function answer(
  name: string,
  handler: Handler,
  argument: unknown,
): Promise<{ value: unknown } | { error: string }> {
  const checked = handler.argument.safeParse(argument);
  if (!checked.success) return refuse(`the argument of ${name}: ${z.prettifyError(checked.error)}`);
  try {
    return { value: await handler.handle(checked.data) };
  } catch (error) {
    log.error(`${name} failed`, error);
    return { error: (error as Error).message };
  }
}

/** Sends events to the page, while there is one. */
export function eventSender(page: () => WebContents | null): Tell {
  return (name, payload) => page()?.send('event', name, payload);
}

const isOwnFrame = (event: IpcMainInvokeEvent, page: WebContents | null): boolean =>
  page !== null && event.senderFrame !== null && event.senderFrame === page.mainFrame;

function refuse(what: string): { error: string } {
  log.warn(`Refused ${what}`);
  return { error: `Mailmitt refused ${what}` };
}

const refused = (error: z.ZodError): SaveResult => ({ saved: false, errors: fieldErrors(error) });

/** Counts what lists hold, the last one that it is asked about. */
class Counter {
  readonly #mailbox: Mailbox;
  #current = new AbortController();

  constructor(mailbox: Mailbox) {
    this.#mailbox = mailbox;
  }

  /** @returns null when it was asked about another one meanwhile */
  async count(filter: MessageFilter): Promise<number | null> {
    this.#current.abort();
    const { signal } = (this.#current = new AbortController());
    try {
      return await this.#mailbox.count(filter, signal);
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }
}

async function openMessage(mailbox: Mailbox, parser: Parser, id: number): Promise<Calls['messages.open']['result']> {
  const [summary] = await mailbox.summaries([id]);
  if (summary === undefined) return null;
  const session = await mailbox.sessionRecord(id);
  try {
    return { summary, content: await parser.read(id), parseError: null, session };
  } catch (error) {
    return { summary, content: null, parseError: (error as Error).message, session };
  }
}

/** @returns why the user's own certificate cannot be used; null when it can, or is no other than before */
async function certificateError({ tlsCertificate, tlsKey }: Settings, before: Settings): Promise<FieldError | null> {
  const isSame = tlsCertificate === before.tlsCertificate && tlsKey === before.tlsKey;
  if (tlsCertificate === '' || isSame) return null;
  try {
    await Certificates.check({ certificate: tlsCertificate, key: tlsKey });
    return null;
  } catch (error) {
    const { message } = error as Error;
    const isAboutKey = message.startsWith('The key') || message.startsWith(tlsKey);
    return { path: [isAboutKey ? 'tlsKey' : 'tlsCertificate'], message };
  }
}

async function exportCertificate(certificates: Certificates, folder: string): Promise<{ path: string } | null> {
  const pem = await certificates.pem();
  const path = await askWhereTo(folder, 'mailmitt.pem');
  if (path === null) return null;
  await writeFile(path, pem).catch((error: unknown) => {
    throw new Error(`The certificate could not be saved in ${dirname(path)}: ${(error as Error).message}`);
  });
  return { path };
}

async function exportRules(ruleBook: RuleBook, folder: string): Promise<{ path: string } | null> {
  const path = await askWhereTo(folder, 'mailmitt-rules.json');
  if (path === null) return null;
  await ruleBook.exportTo(path);
  return { path };
}

async function importRules(ruleBook: RuleBook): Promise<RuleImport | null> {
  const filters = [{ name: 'Rules', extensions: ['json'] }];
  const { canceled, filePaths } = await dialog.showOpenDialog({ properties: ['openFile'], filters });
  const [path] = filePaths;
  return canceled || path === undefined ? null : ruleBook.readImport(path);
}

async function saveAttachment(
  parser: Parser,
  id: number,
  index: number,
  folder: string,
): Promise<{ path: string } | null> {
  const attachment = (await parser.read(id)).attachments[index];
  if (attachment === undefined) throw new Error('The message has no such attachment.');
  const path = await askWhereTo(folder, attachment.fileName);
  if (path === null) return null;
  await parser.writeAttachment(id, index, path).catch((error: unknown) => {
    throw new Error(`${attachment.fileName} could not be saved in ${dirname(path)}: ${(error as Error).message}`);
  });
  return { path };
}

async function saveMessage({ mailbox, transfers, downloads }: Parts, id: number): Promise<undefined> {
  const [summary] = await mailbox.summaries([id]);
  if (summary === undefined) throw new Error('The message was deleted.');
  const subject = summary.digest?.subject ?? '';
  const name = subject === '' ? `Message ${id}` : subject;
  const path = await askWhereTo(downloads, `${fileNameOfTitle(name, `Message ${id}`)}.eml`);
  if (path !== null) void transfers.export({ ids: [id] }, 'eml', path, name);
}

const importDropped = ({ transfers, dragOut }: Parts) => ({
  argument: z.strictObject({ paths: z.array(z.string()).max(10_000), mailbox: id }),
  handle: ({ paths, mailbox }: { paths: string[]; mailbox: number }) => {
    // What was dragged out of the window and let go over it is no mail from elsewhere.
    const foreign = paths.filter((path) => !dragOut.holds(path));
    if (foreign.length > 0) void transfers.import(foreign, mailbox);
  },
});

/** @returns the path that the user chose; null when they cancelled */
async function askWhereTo(folder: string, name: string): Promise<string | null> {
  const { canceled, filePath } = await dialog.showSaveDialog({ defaultPath: join(folder, name) });
  return canceled || filePath === '' ? null : filePath;
}

/** @returns the paths that the user chose; none when they cancelled */
async function askForFiles(what: 'openFile' | 'openDirectory'): Promise<string[]> {
  const { canceled, filePaths } = await dialog.showOpenDialog({ properties: [what, 'multiSelections'] });
  return canceled ? [] : filePaths;
}
