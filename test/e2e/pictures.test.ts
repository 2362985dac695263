import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { TagColor } from '../../preload/contract.ts';
import { answerDialogs, expect, row, rows, test } from './mailmitt.ts';

const folder = 'test-results/pictures';

/** The port that people know it by, unless somebody listens there already. */
async function picturedPort(): Promise<number> {
  const probe = createServer();
  const free = await new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(1025, '127.0.0.1', () => resolve(true));
  });
  await new Promise((resolve) => probe.close(resolve));
  return free ? 1025 : 0;
}

const receipt = `<!doctype html><html lang="en"><body style="margin:0;background:#f3f5f2">
  <div style="max-width:520px;margin:24px auto;padding:28px 34px;background:#fff;border-radius:6px;font:15px/1.5 Georgia,serif;color:#222">
  <p style="font:700 20px sans-serif;color:#2f5d3a;margin:0 0 18px">Orchard</p><p>Hi Maria,</p>
  <p>Use this code to finish signing in. It is good for ten minutes.</p>
  <p style="font:600 28px monospace;letter-spacing:.12em;background:#f1f5ef;padding:14px 20px;border-radius:6px;text-align:center">482 913</p>
  <p style="color:#666;font-size:13px">If this was not you, change your password.</p></div></body></html>`;

test('every view is pictured, light and dark', async ({ start, userData }) => {
  const mailmitt = await start(`--smtp-port=${await picturedPort()}`);
  mkdirSync(folder, { recursive: true });
  const page = await mailmitt.page();
  const resize = (width: number): Promise<void> =>
    mailmitt.app.evaluate(({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]?.setContentSize(to, 860), width);
  await resize(1360);
  const picture = async (name: string): Promise<void> => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
    }
  };

  await expect(page.getByText('Ready to catch')).toBeVisible();
  await picture('welcome');

  await mailmitt.send({
    from: 'شركة المثال <info@example.test>',
    subject: 'مرحبا بك في خدمتنا',
    text: 'يسعدنا انضمامك إلينا',
  });
  await mailmitt.send({
    from: 'MAILER-DAEMON <>',
    subject: 'Undelivered mail returned to sender',
    text: 'This is the mail system. Your message could not be delivered.',
  });
  await mailmitt.send({
    from: 'Support <help@shop.test>',
    subject: 'We got your question',
    text: 'A person will answer within a day. Meanwhile, the answers that helped others are below.',
  });
  await mailmitt.send({
    from: 'cron@build-3.test',
    to: 'ops@shop.test',
    subject: 'Cron <root@build-3> nightly-backup',
    text: 'rsync: [sender] write error: Broken pipe (32)',
  });
  await mailmitt.send({
    from: '通知センター <notice@example.test>',
    subject: 'ご注文の確認',
    text: 'ご注文ありがとうございます。お届け予定日は',
  });
  await mailmitt.send({
    from: 'Nadia Park <nadia@example.test>',
    subject: 'Re: Layout of the October letter',
    text: 'I moved the header up and made the image smaller, see below.',
  });
  const billing = createTransport({
    host: '127.0.0.1',
    port: await mailmitt.port(),
    name: 'billing_worker',
    auth: { user: 'shop-api', pass: 'secret' },
    ignoreTLS: true,
  });
  await billing.sendMail({
    from: 'Billing <billing@shop.test>',
    to: ['maria@customer.test', 'accounts@customer.test'],
    subject: 'Invoice 2026-1182',
    text: 'Thank you for your order. Your invoice is attached.',
    attachments: [
      { filename: 'invoice-2026-1182.pdf', content: Buffer.alloc(48_000), contentType: 'application/pdf' },
      { filename: 'terms.txt', content: 'Terms\n'.repeat(200) },
    ],
  });
  billing.close();
  await mailmitt.send({ from: 'Orchard Accounts <no-reply@orchard.test>', html: receipt });
  await expect(rows(page)).toHaveCount(8);
  await row(page, 'Your sign-in code').click();
  await expect(page.frameLocator('iframe[title="Message HTML"]').getByText('482 913')).toBeVisible();
  await picture('inbox');

  const tagged = async (name: string, color: TagColor, subjects: string[]): Promise<void> => {
    const tag = await mailmitt.call('tags.create', { name, color });
    const { messages } = await mailmitt.call('messages.list', { limit: 100 });
    const ids = messages.filter(({ digest }) => subjects.includes(digest?.subject ?? '')).map(({ id }) => id);
    await mailmitt.call('messages.tag', { messages: { ids }, tag, on: true });
  };
  const [code, invoice, letter] = ['Your sign-in code', 'Invoice 2026-1182', 'Re: Layout of the October letter'];
  await tagged('checkout', 'blue', [code, invoice, 'ご注文の確認']);
  await tagged('onboarding', 'purple', [code, 'مرحبا بك في خدمتنا']);
  await tagged('waits for an answer of the printing house', 'orange', [invoice, letter]);
  await tagged('للمراجعة', 'green', [invoice, 'مرحبا بك في خدمتنا']);
  await tagged('seen on all devices', 'grey', [invoice]);
  await tagged('bounces', 'red', ['Undelivered mail returned to sender']);
  await tagged('release 4.2', 'teal', ['We got your question']);
  await tagged('later', 'yellow', ['Cron <root@build-3> nightly-backup']);
  await row(page, 'Invoice').click();
  await expect(page.getByRole('button', { name: 'Remove tag checkout' })).toBeVisible();
  await page.getByRole('navigation').getByRole('button', { name: 'checkout' }).hover();
  await picture('tags');
  await page.getByRole('button', { name: 'Tag…' }).click();
  await expect(page.getByRole('combobox', { name: 'Tag' })).toBeFocused();
  await picture('tag-picker');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Tag menu', description: 'onboarding' }).click();
  await page.getByRole('menuitem', { name: 'Colour' }).press('ArrowRight');
  await expect(page.getByRole('menuitemradio', { name: 'Purple' })).toBeVisible();
  await picture('tag-menu');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');

  const field = page.getByRole('searchbox', { name: 'Search messages' });
  await field.fill('your');
  await expect(page.getByRole('main')).toContainText(/[1-9] found/);
  await row(page, 'Your sign-in code').click();
  await expect(page.getByRole('heading', { name: 'Your sign-in code' }).locator('mark')).toBeVisible();
  await picture('search');
  await field.fill('');
  await answerDialogs(mailmitt, join(userData, 'Inbox.mbox'));
  const inbox = page.getByRole('navigation').getByRole('button', { name: 'Inbox', exact: true });
  for (const item of ['Export as mbox…', 'Import files…']) {
    await inbox.hover();
    await page.getByRole('button', { name: 'Mailbox menu', description: 'Inbox' }).click();
    await page.getByRole('menuitem', { name: item }).hover();
    if (item === 'Import files…') break;
    await page.getByRole('menuitem', { name: item }).click();
    await expect(page.getByRole('list', { name: 'Transfers' })).toContainText('exported');
  }
  await picture('transfers');
  await page.keyboard.press('Escape');
  await page
    .getByRole('list', { name: 'Transfers' })
    .getByRole('button', { name: /^Dismiss/ })
    .click();
  await page.getByRole('navigation').getByRole('button', { name: 'All mail' }).click();

  await row(page, 'We got your question').click();
  await row(page, 'Re: Layout').click({ modifiers: ['Shift'] });
  await row(page, 'Your sign-in code').click({ modifiers: ['ControlOrMeta'] });
  await expect(page.getByRole('heading', { name: '5 messages selected' })).toBeVisible();
  await picture('several');
  await page.keyboard.press('t');
  await page.keyboard.type('che');
  await picture('several-tag-picker');
  await page.keyboard.press('Escape');
  await resize(700);
  await expect(page.getByRole('button', { name: 'Clear selection' })).toBeVisible();
  await picture('several-narrow');
  await page.keyboard.press('Delete');
  await expect(page.getByText('5 messages deleted.')).toBeVisible();
  await picture('undo-narrow');
  await resize(1360);
  await picture('undo');
  await page.keyboard.press('z');
  await expect(rows(page)).toHaveCount(8);
  await page.getByRole('navigation').getByRole('button', { name: 'onboarding' }).click();
  await expect(rows(page)).toHaveCount(2);
  await picture('tag-shown');
  await page.getByRole('navigation').getByRole('button', { name: 'All mail' }).click();
  await expect(rows(page)).toHaveCount(8);

  await row(page, 'Invoice').click();
  for (const tab of ['Text', 'Source', 'Headers', 'Attachments', 'Session', 'Notes']) {
    await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
    await expect(page.getByRole('tabpanel')).not.toBeEmpty();
    await picture(`message-${tab.toLowerCase()}`);
  }

  const rule = { enabled: true, stage: 'recipient', action: 'deny', reason: '', reply: null } as const;
  await mailmitt.call('rules.save', {
    rules: [
      { ...rule, id: '1', stage: 'host', pattern: '192.168.1.*', reason: 'not from the lab' },
      { ...rule, id: '2', pattern: 'bogus*@*' },
      {
        ...rule,
        id: '3',
        pattern: 'full@*',
        action: 'defer',
        reply: { code: 452, enhanced: '4.2.2', text: 'Mailbox full' },
      },
      { ...rule, id: '4', pattern: '*@partner.test', action: 'greylist', attempts: 2, seconds: 60 },
      { ...rule, id: '5', stage: 'sender', pattern: 'bulk@*', action: 'limit', count: 5, seconds: 1, enabled: false },
      { ...rule, id: '6', stage: 'sender', pattern: '/^slow-\\d+@/', action: 'delay', seconds: 10 },
      { ...rule, id: '7', stage: 'sender', pattern: '*@flaky.test', action: 'drop', moment: 'amid reply' },
    ],
  });
  await page.getByRole('button', { name: /^Rules/ }).click();
  await expect(page.getByText('bogus*@*')).toBeVisible();
  await picture('rules');
  await page.getByRole('button', { name: 'Add rule' }).click();
  await page.getByLabel('Pattern').fill('*@example.com');
  await picture('rules-add');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await expect(page.getByLabel('Port', { exact: true })).toBeVisible();
  await picture('settings');

  await mailmitt.call('rules.save', {
    rules: [
      { ...rule, id: '1', stage: 'host', pattern: '127.0.0.7', reason: 'not from the lab' },
      { ...rule, id: '2', pattern: 'bogus*@*' },
      { ...rule, id: '3', pattern: '*@partner.test', action: 'greylist', attempts: 2, seconds: 60 },
    ],
  });
  const lab = createTransport({
    host: '127.0.0.1',
    port: await mailmitt.port(),
    localAddress: '127.0.0.7',
    ignoreTLS: true,
  });
  await expect(lab.sendMail({ from: 'lab@shop.test', to: 'maria@customer.test' })).rejects.toThrow('550');
  lab.close();
  await expect(mailmitt.send({ from: 'news@shop.test', to: 'anna@partner.test' })).rejects.toThrow('451');
  const several = ['maria@customer.test', 'bogus1@customer.test', 'bogus2@customer.test'];
  await mailmitt.send({ from: 'shop@shop.test', to: several });
  await expect(mailmitt.send({ from: 'billing@shop.test', to: 'bogus7@customer.test' })).rejects.toThrow('553');
  await page.getByRole('button', { name: 'Refused', exact: true }).click();
  await page.getByRole('option', { name: 'RCPT refused: bogus7' }).click();
  await expect(page.getByRole('heading', { name: 'RCPT refused: bogus7@customer.test' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Mark unread' })).toBeVisible();
  await picture('refused');
});
