import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { UNDO_TIME } from '../../../main/mailbox/deletion-store.ts';
import { Housekeeper } from '../../../main/mailbox/housekeeper.ts';
import type { MailStore } from '../../../main/mailbox/store.ts';
import { temporaryFolder } from '../support/folder.ts';
import { listed, openStore, put, putSome } from './stores.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const forAll = { days: null, octets: null };

function housekeeperOf(store: MailStore): { housekeeper: Housekeeper; outlived: number[]; problems: Error[] } {
  const outlived: number[] = [];
  const problems: Error[] = [];
  const housekeeper = new Housekeeper(store, {
    onOutlived: (ids) => outlived.push(...ids),
    onProblem: (error) => problems.push(error),
  });
  onTestFinished(() => housekeeper.stop());
  return { housekeeper, outlived, problems };
}

test('what was deleted is removed when it cannot be undone any more', () => {
  const store = openStore();
  const { housekeeper } = housekeeperOf(store);
  const ids = putSome(store, 100);
  store.commit();
  store.deletions.addRange({ through: 99, mailbox: null });
  store.commit();
  housekeeper.wake();
  vi.advanceTimersByTime(UNDO_TIME - 1000);
  expect(store.source(ids[0] as number, 0, 1)).not.toBeNull();
  vi.advanceTimersByTime(2000);
  expect(ids.filter((id) => store.source(id, 0, 1) !== null)).toEqual([100]);
  expect(store.deletions.oldest()).toBeNull();
});

test('what an earlier run deleted is removed after the start', () => {
  const store = openStore();
  putSome(store, 3);
  store.deletions.addRange({ through: 3, mailbox: null }, Date.now() - 2 * UNDO_TIME);
  store.commit();
  housekeeperOf(store).housekeeper.wake();
  vi.advanceTimersByTime(1000);
  expect(store.source(1, 0, 1)).toBeNull();
});

test('what was deleted before the clock was set back by months is looked at now and then', () => {
  const store = openStore();
  putSome(store, 2);
  store.deletions.addRange({ through: 1, mailbox: null }, Date.now() + 90 * 24 * 60 * 60 * 1000);
  store.commit();
  const look = vi.spyOn(store.deletions, 'remove');
  housekeeperOf(store).housekeeper.wake();
  vi.advanceTimersByTime(60_000);
  expect(look).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(90 * 24 * 60 * 60 * 1000);
  expect(store.source(1, 0, 1)).toBeNull();
});

test('what is more than is kept goes, little by little, and is told', () => {
  const store = openStore();
  const { housekeeper, outlived } = housekeeperOf(store);
  const ids = putSome(store, 150);
  store.commit();
  housekeeper.retention = { ...forAll, messages: 20 };
  vi.advanceTimersByTime(200);
  expect(outlived.length).toBeGreaterThan(0);
  expect(outlived.length).toBeLessThan(130);
  vi.advanceTimersByTime(1000);
  expect([outlived, listed(store).length]).toEqual([ids.slice(0, 130), 20]);
  put(store);
  store.commit();
  housekeeper.wake();
  vi.advanceTimersByTime(1000);
  expect(listed(store).length).toBe(20);
});

test.each([
  ['a tenth of the time while others want something', true, 10],
  ['half of it when nobody does', false, 50],
])('it takes %s', (_title, isWanted, times) => {
  const store = openStore();
  const { housekeeper } = housekeeperOf(store);
  putSome(store, 10);
  store.commit();
  let worked = 0;
  vi.spyOn(store.deletions, 'remove').mockImplementation(() => {
    worked++;
    vi.advanceTimersByTime(10);
    return 1;
  });
  housekeeper.wake();
  vi.advanceTimersByTime(210);
  worked = 0;
  for (const end = performance.now() + 1000; performance.now() < end;) {
    if (isWanted) housekeeper.wake();
    vi.advanceTimersByTime(10);
  }
  expect(Math.abs(worked - times)).toBeLessThan(times / 3);
});

test('what became too old while nothing happened goes', () => {
  const store = openStore();
  const { housekeeper, outlived } = housekeeperOf(store);
  put(store, { receivedAt: Date.now() });
  store.commit();
  housekeeper.retention = { messages: null, octets: null, days: 1 };
  vi.advanceTimersByTime(60_000);
  expect(outlived).toEqual([]);
  vi.advanceTimersByTime(25 * 60 * 60 * 1000);
  expect(outlived).toEqual([1]);
});

test('an error is told, undone, and it goes on later', () => {
  const store = openStore();
  const { housekeeper, outlived, problems } = housekeeperOf(store);
  putSome(store, 3);
  store.commit();
  vi.spyOn(store, 'commit').mockImplementationOnce(() => {
    throw new Error('disk full');
  });
  housekeeper.retention = { ...forAll, messages: 1 };
  vi.advanceTimersByTime(1000);
  expect([problems.map(({ message }) => message), listed(store).length]).toEqual([['disk full'], 3]);
  vi.advanceTimersByTime(10_000);
  expect(outlived).toEqual([1, 2]);
});

test('an error that stays is not met again and again, whatever goes on', () => {
  const store = openStore();
  const { housekeeper, problems } = housekeeperOf(store);
  vi.spyOn(store, 'commit').mockImplementation(() => {
    throw new Error('disk full');
  });
  for (let second = 0; second < 60; second++) {
    housekeeper.wake();
    vi.advanceTimersByTime(1000);
  }
  expect(problems.length).toBe(6);
});

describe('the file', () => {
  /** Fills a store with messages that do not compress. */
  function filled(file: string, count: number): MailStore {
    const store = openStore(file);
    for (let done = 0; done < count; done++) {
      put(store, { bytes: randomBytes(200_000) });
      if (done % 16 === 0) store.commit();
    }
    store.commit();
    return store;
  }

  test('shrinks after much was deleted', () => {
    const file = join(temporaryFolder(), 'mailbox.sqlite');
    const store = filled(file, 200);
    const { housekeeper } = housekeeperOf(store);
    // What is in the log still counts to the file.
    const size = (): number => statSync(file).size + statSync(`${file}-wal`).size;
    expect(size()).toBeGreaterThan(39_000_000);
    store.deletions.addRange({ through: 190, mailbox: null }, 0);
    store.commit();
    housekeeper.wake();
    vi.advanceTimersByTime(60_000);
    expect(statSync(file).size).toBeLessThan(8_000_000);
    expect(listed(store).length).toBe(10);
    expect(store.source(195, 0, 200_000)?.bytes.length).toBe(200_000);
  });

  test('keeps a little room for what comes in', () => {
    const file = join(temporaryFolder(), 'mailbox.sqlite');
    const store = filled(file, 60);
    const { housekeeper } = housekeeperOf(store);
    store.deletions.addRange({ through: 50, mailbox: null }, 0);
    store.commit();
    housekeeper.wake();
    vi.advanceTimersByTime(60_000);
    const other = new DatabaseSync(file, { readOnly: true });
    onTestFinished(() => other.close());
    expect(Number(other.prepare('PRAGMA page_count').get()?.['page_count'])).toBeGreaterThan(2000);
  });
});
