/** What a transfer's thread is told, and what it tells. */
import type { MessagePort } from 'node:worker_threads';
import type { ChosenMessages } from '../mailbox/message.ts';
import type { Transfer } from './transfer.ts';

/** `eml`: the one message that is chosen, as it is. */
export type ExportFormat = 'eml' | 'mbox' | 'zip';

export type TransferTask =
  /** Into a file that does not exist yet. */
  | { type: 'export'; messages: ChosenMessages; format: ExportFormat; file: string }
  /** Each into a file of its own in that folder, which exists. */
  | { type: 'spread'; ids: number[]; folder: string }
  /** Files and folders, into a mailbox. */
  | { type: 'import'; paths: string[]; mailbox: number };

export interface TransferWorkerData {
  task: TransferTask;
  /** A port of the mailbox's thread. */
  mailbox: MessagePort;
  /** The name of this server, for trace headers. */
  hostName: string;
}

export type Progress = Pick<Transfer, 'messages' | 'fraction' | 'problems' | 'problemCount'>;

export type TransferEvent =
  | { type: 'progress'; progress: Progress }
  /** `error` is null where all went well. Nothing comes after it. */
  | { type: 'ended'; progress: Progress; error: string | null };

/** What the thread hears: nothing more is to be taken. */
export const CANCEL = 'cancel';
