import { onTestFinished } from 'vitest';
import { MailStore } from '../../../main/mailbox/store.ts';
import { envelope, everything, record } from './envelope.ts';

/** A store of the running test's own. @param file a path; without one it is in memory */
export function openStore(file = ':memory:'): MailStore {
  const store = new MailStore(file);
  onTestFinished(() => store.close());
  return store;
}

interface Put {
  bytes?: Uint8Array;
  user?: string;
  receivedAt?: number;
}

/** Puts a small message in. @returns its id */
export const put = (store: MailStore, { bytes = Buffer.from('text'), user, receivedAt = 1000 }: Put = {}): number =>
  store.insert({
    ...{ contentId: store.content.newId(), rest: bytes, size: bytes.length, receivedAt, record },
    envelope: { ...envelope, user: user ?? null },
  });

/** Puts as many in. @returns their ids */
export const putSome = (store: MailStore, count: number, message: Put = {}): number[] =>
  Array.from({ length: count }, () => put(store, message));

/** @returns what a list holds, newest first */
export const listed = (store: MailStore, search = '', mailbox: number | null = null): number[] =>
  store.list({ ...everything, search, mailbox }, undefined, 500).messages.map(({ id }) => id);

/** @returns the id of a mailbox */
export const mailboxNamed = (store: MailStore, name: string): number =>
  store.counts().mailboxes.find((mailbox) => mailbox.name === name)?.id ?? NaN;
