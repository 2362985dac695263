import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Override, ServerSwitch } from '../../main/server-switch.ts';
import { JsonFile } from '../../main/settings/json-file.ts';
import { type Settings, settingsSchema } from '../../main/settings/settings.ts';
import { Certificates } from '../../main/smtp/certificate.ts';
import { extensions } from '../../main/smtp/extensions.ts';
import { SmtpServer, optionNames } from '../../main/smtp/server.ts';
import { temporaryFolder } from './support/folder.ts';
import { freePort } from './support/free-port.ts';

const nowhere: Override = { host: null, port: null };

async function open(override: Override = nowhere): Promise<{
  smtp: SmtpServer;
  server: ServerSwitch;
  settings: JsonFile<Settings>;
  save: (changes: Partial<Settings>) => Promise<void>;
}> {
  const smtp = new SmtpServer({
    judge: () => ({ outcome: 'allow', delay: 0, rule: null }),
    refused: () => undefined,
    receive: () => {
      throw new Error('nobody sends anything here');
    },
  });
  onTestFinished(() => smtp.shutdown(0));
  const settings = new JsonFile(temporaryFolder(), 'settings', settingsSchema);
  settings.set({ ...settings.value, port: await freePort() });
  const server = new ServerSwitch(smtp, new Certificates(temporaryFolder()), settings, override);
  const save = (changes: Partial<Settings>): Promise<void> => {
    const before = settings.value;
    settings.set({ ...before, ...changes });
    return server.apply(before);
  };
  return { smtp, server, settings, save };
}

test('listens where the settings say; a start while it listens changes nothing', async () => {
  const { server, settings } = await open();
  const status = await server.start();
  expect(status).toEqual({ state: 'listening', host: '127.0.0.1', port: settings.value.port, tlsPort: null });
  expect(await server.start()).toEqual(status);
  expect(await server.stop()).toMatchObject({ state: 'stopped' });
});

test('listens where the command line says, until the settings are changed', async () => {
  const elsewhere = await freePort();
  const { server, save } = await open({ host: null, port: elsewhere });
  expect(await server.start()).toMatchObject({ state: 'listening', port: elsewhere });
  await save({ theme: 'dark' });
  expect(server.status).toMatchObject({ state: 'listening', port: elsewhere });
  const port = await freePort();
  await save({ port });
  expect(server.status).toMatchObject({ state: 'listening', port });
});

describe('another address in the settings', () => {
  test('moves a server that listens, and one that is just about to', async () => {
    const { server, save } = await open();
    const started = server.start();
    const port = await freePort();
    await save({ port });
    await started;
    expect(server.status).toMatchObject({ state: 'listening', port });
  });

  test('does not start one that was stopped', async () => {
    const { server, save } = await open();
    await save({ port: await freePort() });
    expect(server.status.state).toBe('stopped');
  });

  test('starts one that could not listen at the old one', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void blocker.close());
    await once(blocker, 'listening');
    const { server, save } = await open({ host: null, port: (blocker.address() as AddressInfo).port });
    expect((await server.start()).state).toBe('failed');
    const port = await freePort();
    await save({ port });
    expect(server.status).toMatchObject({ state: 'listening', port });
  });
});

test('a start on another port moves there, also from where the command line said, and keeps it', async () => {
  const { server, settings } = await open({ host: null, port: await freePort() });
  await server.start();
  const port = await freePort();
  expect(await server.start({ port })).toMatchObject({ state: 'listening', port });
  expect(settings.value.port).toBe(port);
});

test('starts and stops that are asked for at once happen one after the other', async () => {
  const { server } = await open();
  const all = await Promise.all([server.start(), server.stop(), server.start(), server.start(), server.stop()]);
  expect(all.map(({ state }) => state)).toEqual(['listening', 'stopped', 'listening', 'listening', 'stopped']);
});

test('a second port with TLS comes and goes with its setting', async () => {
  const { server, save } = await open();
  await server.start();
  const tlsPort = await freePort();
  await save({ tlsPort });
  expect(server.status).toMatchObject({ state: 'listening', tlsPort });
  await save({ tlsPort: null });
  expect(server.status).toMatchObject({ state: 'listening', tlsPort: null });
});

test('a start on another port for TLS moves there and keeps it', async () => {
  const { server, settings } = await open();
  const tlsPort = await freePort();
  expect(await server.start({ tlsPort })).toMatchObject({ state: 'listening', port: settings.value.port, tlsPort });
  expect(settings.value.tlsPort).toBe(tlsPort);
});

describe('what the settings say, the server does', () => {
  const changes: [Partial<Settings>, Partial<Record<(typeof optionNames)[number], unknown>>][] = [
    [{ hostName: 'mx.test' }, { hostName: 'mx.test' }],
    [{ banner: 'Other' }, { banner: 'Other' }],
    [{ maxMessageMiB: 2 }, { maxMessageSize: 2 * 1024 * 1024 }],
    [{ maxRecipients: 2 }, { maxRecipients: 2 }],
    [{ maxConnections: 3 }, { maxConnections: 3 }],
    [{ maxErrors: 4 }, { maxErrors: 4 }],
    [{ maxLineLength: 600 }, { maxLineLength: 600 }],
    [{ maxAuthLineLength: 700 }, { maxAuthLineLength: 700 }],
    [{ idleSeconds: 5 }, { idleTimeout: 5000 }],
    [{ messageSeconds: 6 }, { messageTimeout: 6000 }],
    [{ authRequired: true }, { authRequired: true }],
    [{ accounts: [{ user: 'ann', password: 'x' }] }, { accounts: new Map([['ann', 'x']]) }],
    [{ accounts: [] }, { accounts: null }],
    ...extensions.map((extension): (typeof changes)[number] => [
      { switchedOff: [extension] },
      { extensions: new Set(extensions.filter((other) => other !== extension)) },
    ]),
  ];
  test.each(changes)('%j', async (setting, option) => {
    const { smtp, save } = await open();
    await save(setting);
    for (const [name, value] of Object.entries(option)) {
      expect(smtp.option(name as (typeof optionNames)[number])).toEqual(value);
    }
  });

  test('and every option can be set', () => {
    expect(new Set(changes.flatMap(([, option]) => Object.keys(option)))).toEqual(new Set(optionNames));
  });
});
