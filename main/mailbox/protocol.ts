/** What the mailbox says to its worker thread, and what the thread answers. Both go in batches. */
import type { MessagePort } from 'node:worker_threads';
import type { DeletionStore } from './deletion-store.ts';
import type { Envelope, Placement, RefusedSession, Retention, SessionRecord, SourcePiece } from './message.ts';
import type { RefusedStore } from './refused-store.ts';
import type { MailStore, SetAside } from './store.ts';
import type { TagStore } from './tag-store.ts';

export interface MailboxWorkerData {
  /** The database's path. */
  file: string;
}

type Methods<Store, Names extends keyof Store & string, Part extends string> = {
  [Name in Names as `${Part}.${Name}`]: Store[Name];
};

/** What may be asked by name: of the store, and of its parts. */
export type StoreQueries = Pick<
  MailStore,
  'list' | 'summaries' | 'counts' | 'source' | 'unindexed' | 'sessionRecord' | 'matching' | 'countMatching' | 'ends'
> &
  Methods<RefusedStore, 'list' | 'summaries' | 'counts' | 'session', 'refused'>;
/** What may be changed by name. What throws undoes its whole batch, deliveries included: a change that can be refused says so. */
export type StoreChanges = Pick<
  MailStore,
  'saveParsed' | 'setUnread' | 'setStarred' | 'deleteThrough' | 'renameMailbox' | 'setRetention' | 'deleteMailbox'
> &
  Methods<DeletionStore, 'begin' | 'add' | 'restore', 'deletions'> &
  Methods<TagStore, 'create' | 'change' | 'delete' | 'set', 'tags'> &
  Methods<RefusedStore, 'setUnread' | 'delete' | 'deleteThrough', 'refused'>;

export type MailboxRequest =
  /** A whole piece of a message that is still coming in. `delivery` is the sender's own number for it. */
  | { type: 'piece'; delivery: number; position: number; bytes: Uint8Array }
  /** What the pieces left, and the message with it. */
  | {
      type: 'store';
      delivery: number;
      bytes: Uint8Array;
      receivedAt: number;
      size: number;
      envelope: Envelope;
      record: SessionRecord;
      placement?: Placement | undefined;
    }
  | { type: 'discard'; delivery: number }
  /** `part` is the sender's own number for it: the same may come again with more, until it is over. */
  | { type: 'refused'; part: number; session: RefusedSession; isOver: boolean }
  /** A query that fails, fails alone; a change is committed, or fails, with all that came with it. */
  | { type: 'query'; call: number; method: keyof StoreQueries; arguments: unknown[] }
  | { type: 'change'; call: number; method: keyof StoreChanges; arguments: unknown[] }
  /** What is kept of all mailboxes together, from now on. */
  | { type: 'retention'; retention: Retention }
  /** Somebody who may read sources: see {@link SourceRequest}. */
  | { type: 'source port'; port: MessagePort }
  /** Somebody else who may ask for all of this. */
  | { type: 'port'; port: MessagePort }
  | { type: 'close' };

export type MailboxEvent =
  /** The database is open; `setAside` is one that could not be, mostly null. */
  | { type: 'opened'; setAside: SetAside | null }
  /** The database turned out to be damaged, and a new one was begun. */
  | { type: 'set aside'; setAside: SetAside }
  /** So many octets, or characters of transcripts, are out of the way. */
  | { type: 'written'; octets: number }
  | { type: 'stored'; delivery: number; id: number }
  | { type: 'not stored'; delivery: number; reason: 'no space' | 'error' }
  /** Messages that somebody else stored. */
  | { type: 'arrived'; ids: number[] }
  /** Messages that are gone because there is more than is kept. */
  | { type: 'outlived'; ids: number[] }
  /** Something that the thread does by itself could not be done. */
  | { type: 'problem'; message: string }
  /** A refused session is kept, or what is kept of it changed. */
  | { type: 'refused'; id: number }
  | { type: 'result'; call: number; value: unknown }
  | { type: 'error'; call: number; message: string };

/** What a source port takes; it answers each with a {@link SourceAnswer}, in order. */
export interface SourceRequest {
  id: number;
  offset: number;
  length: number;
}

/** Null: there is no such message. */
export type SourceAnswer = SourcePiece | { error: string } | null;
