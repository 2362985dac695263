/**
 * What the window and the main process say to each other: two type maps, and nothing that is not in them.
 * Both sides derive their types from here, so a change that fits one side only does not compile.
 *
 * To add a call: a line in {@link Calls}, its argument's schema and its handler in main/ipc.ts.
 */
import type { MessagesChange } from '../main/mailbox/change-feed.ts';
import type { MailContent, MessagePage, MessageSummary, SessionRecord, SourcePiece } from '../main/mailbox/message.ts';
import type { Rule } from '../main/rules/rule.ts';
import type { Notice } from '../main/shell/notices.ts';
import type { Settings } from '../main/settings/settings.ts';
import type { CertificateInfo } from '../main/smtp/certificate.ts';
import type { ServerStatus } from '../main/smtp/server.ts';

export type { MessagesChange } from '../main/mailbox/change-feed.ts';
export type { Envelope, MessageCounts, MessagePage, MessageSummary } from '../main/mailbox/message.ts';
export type {
  MailAddress,
  MailAttachment,
  MailContent,
  MailHeader,
  MessageDigest,
  Note,
  SessionRecord,
  SourcePiece,
} from '../main/mailbox/message.ts';
export type { Rule, RuleAction, RuleStage } from '../main/rules/rule.ts';
export type { Notice } from '../main/shell/notices.ts';
export type { Settings } from '../main/settings/settings.ts';
export type { CertificateInfo } from '../main/smtp/certificate.ts';
export type { ServerStatus } from '../main/smtp/server.ts';

/** A field of a form that was not taken, and why, in words that can stand beside it. */
export interface FieldError {
  /** Where in the argument: `['pattern']`, or `[3, 'pattern']` in a list. */
  path: (string | number)[];
  message: string;
}

/** What became of something that the user edited. When errors come back, nothing was changed. */
export type SaveResult = { saved: true } | { saved: false; errors: FieldError[] };

/** One message, opened. */
export interface Message {
  summary: MessageSummary;
  /** Null when the parser could not read the message; its source is there all the same. */
  content: MailContent | null;
  /** Why `content` is null, in words for people. */
  parseError: string | null;
  /** What was said when it came in; null for a message that an older version received. */
  session: SessionRecord | null;
}

/** Calls from the window to the main process: name → argument, result. */
export interface Calls {
  /** Where the SMTP server stands now. */
  'server.status': { argument: undefined; result: ServerStatus };
  /** Starts listening where the settings say, or on the ports that are given, which are then kept as the settings. */
  'server.start': { argument: { port?: number | undefined; tlsPort?: number | undefined }; result: ServerStatus };
  /** Stops listening; sessions that run finish. */
  'server.stop': { argument: undefined; result: ServerStatus };

  /** A page of the list, newest first: at most `limit` (1 to 500) messages older than the message `before`. */
  'messages.list': { argument: { before?: number | undefined; limit: number }; result: MessagePage };
  /** One message, parsed; null when it was deleted meanwhile. Does not mark it read. */
  'messages.open': { argument: { id: number }; result: Message | null };
  /** At most `length` (1 to 4,194,304) octets of the stored bytes from `offset` on; null when it was deleted meanwhile. */
  'messages.source': { argument: { id: number; offset: number; length: number }; result: SourcePiece | null };
  'messages.markRead': { argument: { ids: number[]; read: boolean }; result: undefined };
  'messages.delete': { argument: { ids: number[] }; result: undefined };
  /** Deletes every message up to and with the message `through`: what arrived after it stays. */
  'messages.deleteAll': { argument: { through: number }; result: undefined };
  /** Asks where to, then writes one attachment there; null when the user cancelled. */
  'attachments.save': { argument: { id: number; index: number }; result: { path: string } | null };

  'rules.list': { argument: undefined; result: Rule[] };
  /** Puts this list in place of the rules that hold; in effect at the next command of every session. */
  'rules.save': { argument: { rules: Rule[] }; result: SaveResult };

  'settings.get': { argument: undefined; result: Settings };
  /** Changes the settings that are named. A server that listens moves to a new address at once. */
  'settings.save': { argument: Partial<Settings>; result: SaveResult };

  /** The certificate that TLS is done with; it is made when there is none. */
  'certificate.info': { argument: undefined; result: CertificateInfo };
  /** Makes a new one in place of the one that Mailmitt made; fails where the user's own is set. */
  'certificate.renew': { argument: undefined; result: CertificateInfo };
  /** Asks where to, then writes the certificate, without its key, there; null when the user cancelled. */
  'certificate.export': { argument: undefined; result: { path: string } | null };

  /** The notices that nobody dismissed yet. */
  'notices.list': { argument: undefined; result: Notice[] };
  'notices.dismiss': { argument: { id: string }; result: undefined };
}

/** Events from the main process to the window: name → payload. */
export interface Events {
  'server.changed': ServerStatus;
  /** Coalesced: whatever happened to messages since the last such event, at most some dozens a second. */
  'messages.changed': MessagesChange;
  'rules.changed': Rule[];
  'settings.changed': Settings;
  'notices.changed': Notice[];
}

/** What the preload script puts into the window as `window.mailmitt`. */
export interface Bridge {
  /**
   * Asks the main process.
   * @throws Error whose message is for people, when the call failed
   */
  call<K extends keyof Calls>(name: K, argument: Calls[K]['argument']): Promise<Calls[K]['result']>;
  /** Hears an event from now on. @returns a function that stops it */
  on<K extends keyof Events>(name: K, listener: (payload: Events[K]) => void): () => void;
}
