import { fileURLToPath } from 'node:url';
import { expect, test } from './mailmitt.ts';

interface AnyBridge {
  mailmitt: { call: (name: string, argument: unknown) => Promise<unknown> };
}

test.describe('the main process refuses', () => {
  test('calls that there are not, and arguments of the wrong shape', async ({ mailmitt }) => {
    const page = await mailmitt.page();
    for (const [title, name, argument] of [
      ['a call that there is not', 'messages.eval', {}],
      ['the name of a property', 'constructor', {}],
      ['a name that is none', 7, {}],
      ['an argument of the wrong type', 'messages.open', { id: '1; DROP TABLE message' }],
      ['an argument with more than it should have', 'messages.open', { id: 1, path: '/etc/passwd' }],
      ['no argument', 'messages.delete', undefined],
      ['a list that is none', 'rules.save', { rules: 'all' }],
      ['a range beyond bounds', 'messages.source', { id: 1, offset: -1, length: 1e12 }],
    ] as const) {
      const answer = page.evaluate(
        ([call, value]) => (globalThis as unknown as AnyBridge).mailmitt.call(call as string, value),
        [name, argument] as const,
      );
      await expect(answer, title).rejects.toThrow(/Mailmitt refused/);
    }
  });

  test('a call from another page', async ({ mailmitt }) => {
    await mailmitt.page();
    const bridge = fileURLToPath(new URL('../../out/preload/bridge.cjs', import.meta.url));
    const answer = await mailmitt.app.evaluate(async ({ BrowserWindow }, preload) => {
      const other = new BrowserWindow({
        show: false,
        webPreferences: { preload, sandbox: true, contextIsolation: true },
      });
      await other.loadURL('data:text/html,<p>another page</p>');
      const call = `mailmitt.call('messages.list', { limit: 1 }).then(() => 'answered', (error) => error.message)`;
      const result = (await other.webContents.executeJavaScript(call)) as string;
      other.destroy();
      return result;
    }, bridge);
    expect(answer).toMatch(/^Mailmitt refused a call from data:/);
  });
});

test('a subframe of the window may not call', async ({ mailmitt }) => {
  await mailmitt.page();
  const answer = await mailmitt.app.evaluate(async ({ BrowserWindow, ipcMain }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    await contents?.executeJavaScript(`document.body.append(document.createElement('iframe'))`);
    const [frame] = contents?.mainFrame.frames ?? [];
    // What Electron would hand to the handler if a subframe found a way to the channel.
    const { _invokeHandlers: handlers } = ipcMain as unknown as {
      _invokeHandlers: Map<string, (event: unknown, ...args: unknown[]) => Promise<unknown>>;
    };
    return handlers.get('call')?.({ sender: contents, senderFrame: frame }, 'messages.list', { limit: 1 });
  });
  expect(answer).toEqual({ error: 'Mailmitt refused a call from about:blank' });
});

test('the window cannot open another, reach the network, or leave its page', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  const outcome = await page.evaluate(async () => {
    const opened = open('https://example.test/') === null ? 'no window' : 'a window';
    const fetched = await fetch('https://example.test/').then(
      () => 'fetched',
      () => 'not fetched',
    );
    const permission = await Notification.requestPermission();
    const script = Object.assign(document.createElement('script'), { textContent: 'globalThis.inline = true' });
    document.body.append(script);
    return [opened, fetched, permission, 'inline' in globalThis ? 'inline script' : 'no inline script'];
  });
  expect(outcome).toEqual(['no window', 'not fetched', 'denied', 'no inline script']);

  // Asked of Electron: Playwright would wait for the navigation that was refused.
  const refused = await mailmitt.app.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    const navigation = new Promise((resolve) => contents?.once('will-frame-navigate', (event) => resolve(event.url)));
    await contents?.executeJavaScript(`location.href = 'https://example.test/'`);
    return [await navigation, contents?.getURL(), (await contents?.executeJavaScript('document.title')) as string];
  });
  expect(refused).toEqual(['https://example.test/', 'app://mailmitt/index.html', 'Mailmitt']);
});

test('the window has neither Node nor Electron, and its policy allows nothing from elsewhere', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  const found = await page.evaluate(() =>
    ['require', 'process', 'electron', 'Buffer'].filter((name) => name in globalThis),
  );
  expect(found).toEqual([]);
  const bridge = await page.evaluate(() => Object.keys((globalThis as unknown as AnyBridge).mailmitt));
  expect(bridge.sort()).toEqual(['call', 'importDropped', 'on']);
  const policy = await mailmitt.app.evaluate(async ({ net }) =>
    (await net.fetch('app://mailmitt/index.html')).headers.get('content-security-policy'),
  );
  expect(policy?.split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]);
  const preferences = await mailmitt.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences: () => Electron.WebPreferences;
    };
    const { sandbox, contextIsolation, nodeIntegration, webSecurity } = contents.getLastWebPreferences();
    return { sandbox, contextIsolation, nodeIntegration, webSecurity };
  });
  expect(preferences).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
  });
});

test('the scheme serves what was built for the window, and no other file', async ({ mailmitt }) => {
  await mailmitt.page();
  const statuses = await mailmitt.app.evaluate(async ({ net }) => {
    const paths = [
      'index.html',
      '%2e%2e/main/app.js',
      '..%2fmain%2fapp.js',
      '..%2f..%2fpackage.json',
      'missing.js',
      '',
    ];
    return Promise.all(paths.map(async (path) => (await net.fetch(`app://mailmitt/${path}`)).status));
  });
  expect(statuses).toEqual([200, 404, 404, 404, 404, 404]);
});

test('nothing of the app reaches the network, whatever a policy would allow', async ({ mailmitt }) => {
  await mailmitt.page();
  const outcomes = await mailmitt.app.evaluate(async ({ net }) =>
    Promise.all(
      ['http://127.0.0.1:9/', 'https://example.test/', 'ws://127.0.0.1:9/', 'file:///etc/passwd'].map((url) =>
        net.fetch(url).then(
          () => `${url} was fetched`,
          (error: unknown) => (error as Error).message,
        ),
      ),
    ),
  );
  for (const outcome of outcomes)
    expect(outcome).toMatch(/ERR_BLOCKED_BY_CLIENT|ERR_UNKNOWN_URL_SCHEME|ERR_DISALLOWED_URL_SCHEME/);
});
