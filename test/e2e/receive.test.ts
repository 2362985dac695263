import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { expect, row, rows, run, test } from './mailmitt.ts';

test('a message from nodemailer appears by itself, and opens', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await expect(page.getByText('Ready to catch')).toBeVisible();
  await mailmitt.send({ subject: 'Invoice 1182', text: 'Thank you for your order.\nYours, Orchard' });

  const message = row(page, 'Invoice 1182');
  await expect(message).toContainText('Orchard');
  await expect(message).toContainText('Thank you for your order.');
  await expect(page.getByRole('button', { name: /^Inbox/ })).toContainText('1');
  await message.click();

  await expect(page.getByRole('heading', { name: 'Invoice 1182' })).toBeVisible();
  await expect(page.getByText('<no-reply@orchard.test>')).toBeVisible();
  await expect(page.getByRole('tab', { name: 'Text' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('tabpanel')).toContainText('Thank you for your order.\nYours, Orchard');
  await expect(page.getByRole('button', { name: 'Mark unread' })).toBeVisible();
  await expect.poll(() => mailmitt.call('messages.list', { limit: 1 })).toMatchObject({ counts: { unread: 0 } });
});

test('a message from swaks appears, and its text is right', async ({ mailmitt }) => {
  test.skip((await run('which', ['swaks'])).code !== 0, 'swaks is not installed');
  const page = await mailmitt.page();
  const sent = await run('swaks', [
    ...['--server', '127.0.0.1', '--port', String(await mailmitt.port()), '--ehlo', 'build-3.test'],
    ...['--from', 'cron@build-3.test', '--to', 'ops@shop.test', '--header', 'Subject: Nightly backup'],
    ...['--body', 'rsync: write error: Broken pipe (32)'],
  ]);
  expect(sent).toMatchObject({ code: 0 });
  await row(page, 'Nightly backup').click();
  await expect(page.getByRole('tabpanel')).toContainText('rsync: write error: Broken pipe (32)');
  await expect(page.getByRole('main')).toContainText('ops@shop.test');
});

test('mail from and to addresses beyond ASCII is caught, with what the client asked for (SMTPUTF8, DSN)', async ({
  mailmitt,
}) => {
  await mailmitt.send({
    from: 'Jürgen <jürgen@bücher.test>',
    to: '注文@customer.test',
    subject: 'Grüße',
    dsn: { id: 'q1', return: 'headers', notify: ['failure', 'delay'], recipient: 'shop@customer.test' },
  });
  await expect(row(await mailmitt.page(), 'Grüße')).toContainText('Jürgen');
  const { messages } = await mailmitt.call('messages.list', { limit: 1 });
  expect(messages[0]?.envelope).toMatchObject({
    forwardPaths: ['注文@customer.test'],
    parameters: { SMTPUTF8: '', RET: 'HDRS', ENVID: 'q1' },
    forwardPathParameters: [{ NOTIFY: 'FAILURE,DELAY', ORCPT: 'rfc822;shop@customer.test' }],
    protocol: 'UTF8SMTP',
  });
});

test('new mail comes in on top, and what is read stays selected', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await mailmitt.send({ subject: 'first' });
  await row(page, 'first').click();
  await mailmitt.send({ subject: 'second' });
  await mailmitt.send({ subject: 'third' });
  await expect(rows(page)).toHaveText([/third/, /second/, /first/]);
  await expect(row(page, 'first')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('heading', { name: 'first' })).toBeVisible();
});

test.describe('HTML', () => {
  test('is shown, runs no script, asks for nothing, and cannot lead away', async ({ mailmitt }) => {
    const requests: string[] = [];
    const server = createServer((request, response) => {
      requests.push(request.url ?? '');
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const page = await mailmitt.page();
    page.on('request', (request) => {
      if (!/^(app|data|about):/.test(request.url())) requests.push(request.url());
    });

    await mailmitt.send({
      subject: 'Hostile',
      html: `<html><head><base href="${web}/"><meta http-equiv="refresh" content="0;url=${web}/refresh">
        <link rel="stylesheet" href="${web}/link.css"><link rel="prefetch" href="${web}/prefetch"><link rel="dns-prefetch" href="//dns.test">
        <style>@import url(${web}/import.css); body { background: url(${web}/style.png) } @font-face { font-family: x; src: url(${web}/font.woff2) } .kept { color: rgb(1, 2, 3); font-family: x }</style>
        <script>fetch('${web}/script'); parent.document.title = 'owned'</script></head>
        <body onload="fetch('${web}/onload')" background="${web}/body.png"><p class="kept">Dear Maria</p>
        <img src="${web}/img.png" srcset="${web}/srcset.png 2x" onerror="fetch('${web}/onerror')"><img src="x" onerror="top.location='${web}/top'">
        <picture><source srcset="${web}/source.png"></picture><video src="${web}/video" poster="${web}/poster" autoplay></video><audio src="${web}/audio"></audio>
        <iframe src="${web}/iframe"></iframe><object data="${web}/object"></object><embed src="${web}/embed"><svg onload="fetch('${web}/svg')"><image href="${web}/svg.png"/><use href="${web}/use#x"/></svg>
        <table background="${web}/table.png"><tr><td style="background: url('${web}/inline.png')">cell</td></tr></table>
        <form action="${web}/form"><input autofocus onfocus="this.form.submit()"><button id="submit">Send</button></form><math><mtext><script>fetch('${web}/math')</script></mtext></math>
        <a id="away" href="${web}/away">away</a> <a id="blank" target="_blank" href="${web}/blank">blank</a> <a id="js" href="javascript:fetch('${web}/js')">js</a> <a id="file" href="file:///etc/passwd">file</a></body></html>`,
    });
    await row(page, 'Hostile').click();
    const frame = page.frameLocator('iframe[title="Message HTML"]');
    await expect(frame.getByText('Dear Maria')).toBeVisible();
    await expect(frame.getByText('Dear Maria')).toHaveCSS('color', 'rgb(1, 2, 3)');
    await expect(
      frame.locator('script, iframe, object, embed, form, base, link, meta[http-equiv=refresh]'),
    ).toHaveCount(0);
    const windows = mailmitt.app.windows().length;
    for (const id of ['away', 'blank', 'js', 'file']) await frame.getByText(id, { exact: true }).click();
    await expect(frame.getByText('Dear Maria')).toBeVisible();
    expect(mailmitt.app.windows()).toHaveLength(windows);
    expect(page.url()).toMatch(/^app:/);
    expect(await page.title()).toBe('Mailmitt');

    // Whatever was to be requested would have been by the time that another message is shown whole.
    await mailmitt.send({ subject: 'Harmless', html: '<p>Next</p>' });
    await row(page, 'Harmless').click();
    await expect(frame.getByText('Next')).toBeVisible();
    expect(requests).toEqual([]);
    server.close();
  });

  test('is kept from the frame by a policy also where the sanitiser would fail', async ({ mailmitt }) => {
    const page = await mailmitt.page();
    await mailmitt.send({ subject: 'Plain', html: '<p>Hello</p>' });
    await row(page, 'Plain').click();
    const element = page.locator('iframe[title="Message HTML"]');
    await expect(element).toHaveAttribute('sandbox', '');
    const policy = element.contentFrame().locator('meta[http-equiv="Content-Security-Policy"]');
    await expect(policy).toHaveAttribute('content', /default-src 'none'/);
  });
});

test('the headers, the source and the attachments of a message are there', async ({ mailmitt, userData }) => {
  const page = await mailmitt.page();
  const content = randomBytes(300_000);
  await mailmitt.send({
    subject: 'Ihre Bestellung – Grüße',
    headers: { 'X-Order': '1182' },
    html: '<b>Hallo</b>',
    attachments: [
      { filename: 'invoice.pdf', content, contentType: 'application/pdf' },
      { filename: '../../escape.txt', content: 'x' },
    ],
  });
  await row(page, 'Ihre Bestellung').click();

  await page.getByRole('tab', { name: 'Headers' }).click();
  await expect(page.getByRole('row', { name: /Subject/ })).toContainText('Ihre Bestellung – Grüße');
  await expect(page.getByRole('row', { name: /X-Order/ })).toContainText('1182');

  await page.getByRole('tab', { name: 'Source' }).click();
  await expect(page.getByRole('tabpanel')).toContainText('X-Order: 1182');
  await expect(page.getByRole('tabpanel')).toContainText('Content-Transfer-Encoding: base64');

  await page.getByRole('tab', { name: /^Attachments/ }).click();
  await expect(page.getByRole('tabpanel')).toContainText('invoice.pdf');
  await expect(page.getByRole('tabpanel')).toContainText('300 KB');
  const file = join(userData, 'saved.pdf');
  // The system's own dialog cannot be driven; what it would be told is looked at instead.
  await mailmitt.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = (options) => {
      Object.assign(globalThis, { offered: (options as Electron.SaveDialogOptions).defaultPath });
      return Promise.resolve({ canceled: false, filePath });
    };
  }, file);
  await page.getByRole('button', { name: 'Save invoice.pdf' }).click();
  await expect(page.getByText(file)).toBeVisible();
  expect(readFileSync(file).equals(content)).toBe(true);
  await page.getByRole('button', { name: 'Save escape.txt' }).click();
  await expect.poll(() => readFileSync(file, 'utf8')).toBe('x');
  const offered = await mailmitt.app.evaluate(() => (globalThis as unknown as { offered: string }).offered);
  expect(offered).toMatch(/[\\/]escape\.txt$/);
  expect(existsSync(join(userData, '..', '..', 'escape.txt'))).toBe(false);
});

test('what was said on the wire is there without passwords, and what a stricter server would refuse', async ({
  mailmitt,
}) => {
  const page = await mailmitt.page();
  const rule = { id: '1', enabled: true, stage: 'recipient', pattern: 'bogus@*', action: 'deny' } as const;
  await mailmitt.call('rules.save', { rules: [{ ...rule, reason: '', reply: null }] });
  const auth = { user: 'shop-api', pass: 'orchard-482913' };
  const port = await mailmitt.port();
  const transport = createTransport({ host: '127.0.0.1', port, name: 'my_pc', auth, ignoreTLS: true });
  await transport.sendMail({
    from: 'no-reply@orchard.test',
    to: ['maria@customer.test', 'bogus@customer.test'],
    subject: 'Noted',
    text: 'Hello',
  });
  transport.close();
  await row(page, 'Noted').click();

  await page.getByRole('tab', { name: 'Session' }).click();
  const panel = page.getByRole('tabpanel');
  await expect(panel).toContainText('127.0.0.1, calls itself my_pc');
  await expect(panel).toContainText('no TLS');
  await expect(panel.getByRole('row', { name: 'Client EHLO my_pc' })).toBeVisible();
  await expect(panel.getByRole('row', { name: /Server 250[ -].* greets my_pc/ })).toBeVisible();
  await expect(panel.getByRole('row', { name: 'Client AUTH PLAIN ***' })).toBeVisible();
  await expect(panel.getByRole('row').filter({ hasText: 'Refused' })).toHaveText(/Server\s*553 .*\s*Refused/);
  await expect(panel.getByRole('definition').filter({ hasText: auth.user })).toBeVisible();
  await expect(panel.getByRole('row').last()).toContainText(/Mailmitt\s*Committed as message \d+/);
  const shown = [await page.locator('body').innerText()];

  // The arrow keys go through the tabs.
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'Notes' })).toHaveAttribute('aria-selected', 'true');
  const noted = panel.getByRole('listitem').filter({ hasText: 'The client calls itself “my_pc”' });
  await expect(noted).toContainText('RFC 5321 section 4.1.4');
  const count = await panel.getByRole('listitem').count();
  await expect(page.getByRole('tab', { name: 'Notes' })).toHaveAccessibleDescription(`${count} notes`);
  shown.push(await page.locator('body').innerText());

  const onTheWire = Buffer.from(`\0${auth.user}\0${auth.pass}`).toString('base64');
  for (const secret of [auth.pass, onTheWire]) expect(shown.join('\n')).not.toContain(secret);
});

test('messages are marked read and unread', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await mailmitt.send({ subject: 'one' });
  await mailmitt.send({ subject: 'two' });
  const inbox = page.getByRole('button', { name: /^Inbox/ });
  await expect(inbox).toContainText('2');
  await row(page, 'one').click();
  await expect(inbox).toContainText('1');
  await page.getByRole('button', { name: 'Mark unread' }).click();
  await expect(inbox).toContainText('2');
  await expect(page.getByRole('button', { name: 'Mark read' })).toBeVisible();
});

test('one message is deleted, then all, and what arrives after that stays', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  for (const subject of ['one', 'two', 'three']) await mailmitt.send({ subject });
  await row(page, 'two').click();
  await page.getByRole('main').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(rows(page)).toHaveText([/three/, /one/]);

  await page.getByRole('button', { name: 'Delete all' }).click();
  await mailmitt.send({ subject: 'arrived meanwhile' });
  await expect(row(page, 'arrived meanwhile')).toBeAttached();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete all' }).click();
  await expect(rows(page)).toHaveText([/arrived meanwhile/]);
  expect(await mailmitt.call('messages.list', { limit: 10 })).toMatchObject({ counts: { total: 1 } });
});

test('the list is used by keyboard alone', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  for (const subject of ['one', 'two', 'three']) await mailmitt.send({ subject });
  await expect(rows(page)).toHaveCount(3);
  await page.getByRole('listbox', { name: 'Messages' }).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'two' })).toBeVisible();
  await page.keyboard.press('Delete');
  await expect(rows(page)).toHaveText([/three/, /one/]);
});

test('a client that does not trust the certificate is told of, with what to do', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  const transport = createTransport({ host: '127.0.0.1', port: await mailmitt.port() });
  await expect(transport.sendMail({ from: 'a@x.test', to: 'b@y.test', text: 'x' })).rejects.toThrow(/self.signed/);
  await expect(page.getByText('A client on 127.0.0.1 would not go on under TLS.')).toBeVisible();
  await expect(page.getByText('switch STARTTLS off in Settings')).toBeVisible();
});
