/** What the parser's main-thread side and its worker thread say to each other. */
import type { MessagePort } from 'node:worker_threads';

export type ParserRequest =
  /** Where sources are read from: takes `{ id, offset, length }`, answers `{ bytes, size }`, `{ error }` or null, in order. */
  | { type: 'source port'; port: MessagePort }
  | { type: 'digest'; call: number; id: number }
  | { type: 'read'; call: number; id: number }
  /** Writes an attachment to a file that does not exist yet. */
  | { type: 'write attachment'; call: number; id: number; index: number; file: string };

export type ParserEvent = { call: number; value: unknown } | { call: number; error: string };
