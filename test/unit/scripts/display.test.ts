import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';

const { href: displayModule } = new URL('../../../scripts/run/display.mjs', import.meta.url);

/** What an X server answers first: 0 refused, 1 welcome (X11 protocol, section 8). */
async function knock(socket: string, cookie: Buffer) {
  const name = Buffer.from(cookie.length === 0 ? '' : 'MIT-MAGIC-COOKIE-1');
  const lengths = Buffer.alloc(12);
  lengths.write('l');
  lengths.writeUInt16LE(11, 2);
  lengths.writeUInt16LE(name.length, 6);
  lengths.writeUInt16LE(cookie.length, 8);
  const padding = Buffer.alloc((4 - (name.length % 4)) % 4);
  const client = connect(socket);
  client.write(Buffer.concat([lengths, name, padding, cookie]));
  const [answer] = (await once(client, 'data')) as [Buffer];
  client.destroy();
  return answer[0];
}

describe.runIf(process.platform === 'linux')('the display that we bring along', () => {
  test('lets in who has the cookie, and goes with the process that opened it', async () => {
    const script = `
      import { openXvfb } from ${JSON.stringify(displayModule)};
      console.log(JSON.stringify(await openXvfb()));
      process.stdin.once('end', () => {}).resume();
    `;
    const opener = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(opener, 'close');
    const [line] = (await once(opener.stdout, 'data')) as [Buffer];
    const display = JSON.parse(String(line)) as { DISPLAY: string; XAUTHORITY: string };
    const socket = `/tmp/.X11-unix/X${display.DISPLAY.slice(1)}`;

    expect(await knock(socket, readFileSync(display.XAUTHORITY).subarray(-16))).toBe(1);
    expect(await knock(socket, Buffer.alloc(16))).toBe(0);
    expect(await knock(socket, Buffer.alloc(0))).toBe(0);

    opener.stdin.end();
    expect(await ended).toEqual([0, null]);
    expect(existsSync(display.XAUTHORITY)).toBe(false);
    await expect.poll(() => existsSync(socket)).toBe(false);
  });
});
