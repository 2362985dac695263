import { describe, expect, test } from 'vitest';
import type { MailboxSummary, Retention } from '../../../../preload/contract.ts';
import { RetentionForm } from '../../../../renderer/mailboxes/retention-form.svelte.ts';

const mailboxWith = (retention: Retention | null): MailboxSummary => ({
  ...{ id: 2, name: 'shop', total: 0, unread: 0, size: 0, retention },
});

describe('limits that are typed', () => {
  test.each<[string, Partial<RetentionForm['texts']>, Retention | null]>([
    ['none', {}, null],
    ['spaces', { messages: ' ' }, null],
    ['one', { messages: '100' }, { messages: 100, days: null, octets: null }],
    ['all', { messages: '1', days: ' 7 ', octets: '5' }, { messages: 1, days: 7, octets: 5 * 1024 * 1024 }],
  ])('are read: %s', (_title, texts, read) => {
    const form = new RetentionForm(mailboxWith(null));
    Object.assign(form.texts, texts);
    expect([form.read(), form.errors]).toEqual([read, {}]);
    if (read !== null) expect(new RetentionForm(mailboxWith(read)).read()).toEqual(read);
  });

  test.each(['0', '-1', '1.5', 'many', '1e3', '9999999999'])('are refused, and it is said which: %s', (text) => {
    const form = new RetentionForm(mailboxWith(null));
    Object.assign(form.texts, { messages: '5', days: text });
    expect(form.read()).toBeUndefined();
    expect(form.errors).toEqual({ days: 'A whole number from 1 on, or nothing.' });
  });
});
