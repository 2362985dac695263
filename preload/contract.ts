/**
 * What the window and the main process say to each other: two type maps, and nothing that is not in them.
 * Both sides derive their types from here, so a change that fits one side only does not compile.
 *
 * To add a call: a line in {@link Calls}, its argument's schema and its handler in main/ipc.ts.
 */
import type { ListChange } from '../main/mailbox/change-feed.ts';
import type {
  ChosenMessages,
  DecidingRule,
  MailContent,
  MailCounts,
  MessagePage,
  MessageSummary,
  RefusedPage,
  RefusedSummary,
  Retention,
  SessionRecord,
  SourcePiece,
  TagColor,
} from '../main/mailbox/message.ts';
import type { RuleChanges } from '../main/rules/exchange.ts';
import type { Decisions } from '../main/rules/memory.ts';
import type { Rule, RuleDefaults, RuleStage } from '../main/rules/rule.ts';
import type { RuleSet } from '../main/rules/rule-set.ts';
import type { PassedOver } from '../main/rules/rules.ts';
import type { Notice } from '../main/shell/notices.ts';
import type { Settings } from '../main/settings/settings.ts';
import type { CertificateInfo } from '../main/smtp/certificate.ts';
import type { ServerStatus } from '../main/smtp/server.ts';
import type { Transfer } from '../main/transfer/transfer.ts';

export type { ListChange } from '../main/mailbox/change-feed.ts';
export type {
  ChosenMessages,
  DecidingRule,
  Envelope,
  MailCounts,
  MailboxSummary,
  MessageCounts,
  MessagePage,
  MessageSummary,
  RefusedPage,
  RefusedSummary,
  Refusal,
  Retention,
  TagColor,
  TagSummary,
} from '../main/mailbox/message.ts';
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
export type { QueryError } from '../main/mailbox/search/query.ts';
export type { RuleChanges } from '../main/rules/exchange.ts';
export type { Decisions } from '../main/rules/memory.ts';
export type { Rule, RuleAction, RuleDefaults, RuleStage } from '../main/rules/rule.ts';
export type { AsideRule, RuleSet } from '../main/rules/rule-set.ts';
export type { PassedOver } from '../main/rules/rules.ts';
export type { Notice } from '../main/shell/notices.ts';
export type { Settings } from '../main/settings/settings.ts';
export type { CertificateInfo } from '../main/smtp/certificate.ts';
export type { ServerStatus } from '../main/smtp/server.ts';
export type { Transfer, TransferProblem } from '../main/transfer/transfer.ts';

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

/** The rules that hold, and what is told by each. */
export interface RuleState extends RuleSet {
  /** By the rule's id: the reply to whom it refuses, as it goes over the wire; null where it refuses nobody. */
  answers: Record<string, string | null>;
}

/** A rule that is being edited. */
export interface RuleCheck {
  /** With paths from the rule on: `['reply', 'code']`. */
  errors: FieldError[];
  /** The reply to whom it refuses, as it goes over the wire; null where it refuses nobody or where it is no rule yet. */
  answer: string | null;
  /** The reply that it would give if it had none of its own; null where its action gives none. */
  usual: { code: number; enhanced: string; text: string } | null;
}

/** What somebody would be answered, beforehand. */
export interface RuleForecast {
  stage: RuleStage;
  /** Who: the host's address, or a path. */
  subject: string;
  /** `not asked`: it does not come to that, since the client is turned away before. */
  outcome: 'accepted' | 'refused' | 'dropped' | 'not asked';
  /** The reply that refuses, as it goes over the wire. */
  reply: string | null;
  /** Milliseconds before the client hears of it. */
  delay: number;
  /** The rule that decides; null where none does. */
  rule: DecidingRule | null;
  /** The other rules of the stage, in their order. */
  passedOver: PassedOver[];
}

/** A file of rules that was chosen, and what it would change. */
export type RuleImport = { path: string } & (
  | { rules: Rule[]; defaults: RuleDefaults; changes: RuleChanges; errors: null }
  /** It holds no list of rules; each place is as `rules[3].reply.code`, or empty for the whole. */
  | { errors: { place: string; message: string }[] }
);

export type MessagesChange = ListChange<MessageSummary, MailCounts>;
export type RefusedChange = ListChange<RefusedSummary>;

/** Calls from the window to the main process: name → argument, result. */
export interface Calls {
  /** Where the SMTP server stands now. */
  'server.status': { argument: undefined; result: ServerStatus };
  /** Starts listening where the settings say, or on the ports that are given, which are then kept as the settings. */
  'server.start': { argument: { port?: number | undefined; tlsPort?: number | undefined }; result: ServerStatus };
  /** Stops listening; sessions that run finish. */
  'server.stop': { argument: undefined; result: ServerStatus };

  /**
   * A page of the list, newest first: at most `limit` (1 to 500) messages older than the message `before`, of one mailbox
   * or of all, and only what a search finds.
   */
  'messages.list': {
    argument: {
      mailbox?: number | undefined;
      search?: string | undefined;
      before?: number | undefined;
      limit: number;
    };
    result: MessagePage;
  };
  /** One message, parsed; null when it was deleted meanwhile. Does not mark it read. */
  'messages.open': { argument: { id: number }; result: Message | null };
  /** At most `length` (1 to 4,194,304) octets of the stored bytes from `offset` on; null when it was deleted meanwhile. */
  'messages.source': { argument: { id: number; offset: number; length: number }; result: SourcePiece | null };
  /** How many messages a list holds; null when another list was asked about meanwhile. */
  'messages.count': { argument: { mailbox?: number | undefined; search: string }; result: number | null };
  'messages.markRead': { argument: { messages: ChosenMessages; read: boolean }; result: undefined };
  'messages.star': { argument: { messages: ChosenMessages; starred: boolean }; result: undefined };
  /** Puts a tag on messages, or takes it off. */
  'messages.tag': { argument: { messages: ChosenMessages; tag: number; on: boolean }; result: undefined };
  /** Hides messages at once, and removes them after a minute; until then, `messages.restore` brings them back. */
  'messages.delete': { argument: { messages: ChosenMessages }; result: { deletion: number; count: number } };
  /** Undoes a deletion; fails when it was made more than a minute ago, or all was deleted after it. */
  'messages.restore': { argument: { deletion: number }; result: undefined };
  /** Asks where to, then writes one message there as it came, with its trace headers; a transfer, unless the user cancelled. */
  'messages.save': { argument: { id: number }; result: undefined };
  /**
   * Asks where to, then writes messages there, the oldest first: a transfer, unless the user cancelled.
   * @property name what they are together, as people call it
   */
  'messages.export': {
    argument: { messages: ChosenMessages; format: 'mbox' | 'zip'; name: string };
    result: undefined;
  };
  /** Asks for files or folders, then puts what they hold into a mailbox: a transfer, unless the user cancelled. */
  'messages.import': { argument: { mailbox: number; what: 'files' | 'folders' }; result: undefined };
  /** Writes messages into files that can be dragged. @returns a number for `messages.drag` */
  'messages.prepareDrag': { argument: { ids: number[] }; result: number };
  /** Lets the mouse, which has to be held down, drag the files out of the window; on macOS it does not wait until it did. */
  'messages.drag': { argument: { prepared: number }; result: undefined };
  /** Those that run, and those that ended and were not dismissed, oldest first. */
  'transfers.list': { argument: undefined; result: Transfer[] };
  /** Ends a transfer: what was exported is removed, what was imported stays. */
  'transfers.cancel': { argument: { id: number }; result: undefined };
  'transfers.dismiss': { argument: { id: number }; result: undefined };
  /** The tag of that name; where there is none, a new one. Names are up to 100 characters. @returns its id */
  'tags.create': { argument: { name: string; color: TagColor }; result: number };
  /** Fails when another one has that name. */
  'tags.change': { argument: { id: number; name: string; color: TagColor }; result: undefined };
  /** Takes the tag off all messages, and deletes it. */
  'tags.delete': { argument: { id: number }; result: undefined };
  'mailboxes.rename': { argument: { id: number; name: string }; result: undefined };
  /** How much of a mailbox is kept; null: as much as of all. */
  'mailboxes.retention': { argument: { id: number; retention: Retention | null }; result: undefined };
  /** Deletes a mailbox with its mail, for good; the first one is only emptied. */
  'mailboxes.delete': { argument: { id: number }; result: undefined };
  /** Asks where to, then writes one attachment there; null when the user cancelled. */
  'attachments.save': { argument: { id: number; index: number }; result: { path: string } | null };

  /** A page of what was refused, newest first: at most `limit` (1 to 500) sessions older than the session `before`. */
  'refused.list': { argument: { before?: number | undefined; limit: number }; result: RefusedPage };
  /** One of them with its transcript; null when it was deleted meanwhile. Does not mark it read. */
  'refused.open': { argument: { id: number }; result: (RefusedSummary & SessionRecord) | null };
  'refused.markRead': { argument: { ids: number[]; read: boolean }; result: undefined };
  'refused.delete': { argument: { ids: number[] }; result: undefined };
  /** Deletes every refused session up to and with `through`. */
  'refused.deleteAll': { argument: { through: number }; result: undefined };

  'rules.get': { argument: undefined; result: RuleState };
  /** Puts these in place of the rules that hold; in effect at the next command of every session. */
  'rules.save': { argument: { rules: Rule[]; defaults?: RuleDefaults | undefined }; result: SaveResult };
  /** Looks at a rule that is being edited; nothing is changed. */
  'rules.check': { argument: { rule: Rule }; result: RuleCheck };
  /**
   * What a client would be answered that says this; nothing is remembered of it. Senders and recipients are paths
   * without angle brackets, an empty sender is the null reverse-path.
   */
  'rules.forecast': {
    argument: { host: string; sender: string; recipients: string[] };
    result: { forecasts: RuleForecast[]; errors: FieldError[] };
  };
  /** By the rule's id: how often each decided. A rule that never did is not named. */
  'rules.decisions': { argument: undefined; result: Record<string, Decisions> };
  /** Begins a greylist or a limit anew. */
  'rules.forget': { argument: { id: string }; result: undefined };
  /** Deletes one of the rules that were put aside, by its place from 0 on. */
  'rules.deleteAside': { argument: { index: number }; result: undefined };
  /** Asks where to, then writes the rules there; null when the user cancelled. */
  'rules.export': { argument: undefined; result: { path: string } | null };
  /** Asks for a file and reads it; null when the user cancelled. Changes nothing: `rules.save` does. */
  'rules.import': { argument: undefined; result: RuleImport | null };

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
  'refused.changed': RefusedChange;
  'rules.changed': RuleState;
  /** Coalesced: how often each rule decided, by its id. */
  'rules.decided': Record<string, Decisions>;
  'settings.changed': Settings;
  /** Coalesced: at most ten a second for each that runs. */
  'transfers.changed': Transfer[];
  'notices.changed': Notice[];
}

/** What the preload script puts into the window as `window.mailmitt`. */
export interface Bridge {
  /**
   * Asks the main process.
   * @throws Error whose message is for people, when the call failed
   */
  call<K extends keyof Calls>(name: K, argument: Calls[K]['argument']): Promise<Calls[K]['result']>;
  /**
   * Puts what files and folders hold that were dropped on the window into a mailbox: a transfer. This is no call, so that
   * the page cannot name files: only those that a user dropped have a path.
   */
  importDropped(files: File[], mailbox: number): Promise<void>;
  /** Hears an event from now on. @returns a function that stops it */
  on<K extends keyof Events>(name: K, listener: (payload: Events[K]) => void): () => void;
}
