/** Something that could not be taken and was left out, while the rest went on. */
export interface TransferProblem {
  /** What it is, as people call it: a file's name, a message's subject. */
  name: string;
  /** As a sentence. */
  reason: string;
}

/** Mail on its way out or in, and how far it is. */
export interface Transfer {
  id: number;
  /** `save` is one message as a file. */
  kind: 'save' | 'export' | 'import';
  /** What is taken, as people call it: a mailbox's name, a file's. */
  name: string;
  /** The file that it goes to; null where it comes in. */
  path: string | null;
  /** The mailbox that it goes to; null where it goes out. */
  mailbox: number | null;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  /** Messages that are through. */
  messages: number;
  /** How much is through, from 0 to 1; null as long as that is not known. */
  fraction: number | null;
  /** Why it failed, for people; null where it did not. */
  error: string | null;
  /** What was left out: the first of it. */
  problems: TransferProblem[];
  /** How much was left out. */
  problemCount: number;
}
