import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { appArguments, electronBinary, expect, row, run, test } from './mailmitt.ts';

test('closing the window keeps the app in the tray, and the tray opens it again', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  const isVisible = (): Promise<boolean | undefined> =>
    mailmitt.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());
  await expect.poll(isVisible).toBe(true);
  await mailmitt.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  await expect.poll(isVisible).toBe(false);
  await mailmitt.send({ subject: 'While it was closed' });
  await mailmitt.chooseInTray('open');
  await expect.poll(isVisible).toBe(true);
  await expect(row(page, 'While it was closed')).toBeVisible();
});

test('a window whose process crashed is whole again when it is opened', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await mailmitt.send({ subject: 'Before the crash' });
  const crashed = page.waitForEvent('crash');
  await mailmitt.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
  );
  await crashed;
  await mailmitt.chooseInTray('open');
  const shown = (): Promise<string> =>
    mailmitt.app.evaluate(
      ({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript('document.body.innerText') as Promise<string>,
    );
  await expect.poll(shown).toContain('Before the crash');
});

test('the tray stops and starts the server, and quits', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  const status = page.getByRole('status', { name: 'SMTP server' });
  await mailmitt.port();
  await mailmitt.chooseInTray('stop');
  await expect(status).toContainText('stopped');
  await mailmitt.chooseInTray('start');
  await expect(status).toContainText('listening');
  const exited = once(mailmitt.app.process(), 'exit');
  await mailmitt.chooseInTray('quit').catch(() => undefined);
  expect(await exited).toEqual([0, null]);
});

test('a second start opens the window of the first and ends', async ({ mailmitt, userData }) => {
  await mailmitt.page();
  await mailmitt.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  const second = await run(electronBinary(), appArguments(userData, '--smtp-port=0'));
  expect(second.code).toBe(0);
  expect(second.output).toContain('mailmitt: Mailmitt runs already');
  expect(second.output).not.toContain('listening');
  await expect
    .poll(() =>
      mailmitt.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((one) => one.isVisible())),
    )
    .toEqual([true]);
});

test('hidden, it listens without a window and says where; ended by a signal, it ends well', async ({ userData }) => {
  const child = spawn(electronBinary(), appArguments(userData, '--hidden', '--smtp-port', '0', '--frob'), {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: undefined },
  });
  const errors: string[] = [];
  createInterface(child.stderr).on('line', (line) => errors.push(line));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  expect(line).toMatch(/^mailmitt: SMTP listening on 127\.0\.0\.1:\d+$/);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(errors).toContain('mailmitt: --frob is no option that Mailmitt knows');
});

test('a bad value on the command line is a clear error and exit code 2', async ({ userData }) => {
  const { code, output } = await run(electronBinary(), appArguments(userData, '--smtp-port', 'many'));
  expect(code).toBe(2);
  expect(output).toContain(
    'mailmitt: --smtp-port takes a whole number from 0 to 65535 (0: any free port), not "many".',
  );
});
