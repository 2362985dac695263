import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import type { LeavingMessage } from '../../../main/transfer/leaving.ts';
import { writeZip } from '../../../main/transfer/zip.ts';
import { temporaryFolder } from '../support/folder.ts';

const receivedAt = Date.UTC(2026, 10, 5, 13, 7, 9);

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += 256 * 1024) {
    yield await Promise.resolve(bytes.subarray(start, start + 256 * 1024));
  }
}

async function* messages(files: Record<string, Buffer>): AsyncGenerator<LeavingMessage> {
  for (const [fileName, bytes] of Object.entries(files)) {
    yield await Promise.resolve({ fileName, receivedAt, reversePath: '', size: bytes.length, bytes: pieces(bytes) });
  }
}

async function zip(source: AsyncIterable<LeavingMessage>): Promise<string> {
  const path = join(temporaryFolder(), 'mail.zip');
  await pipeline(writeZip(source), createWriteStream(path));
  return path;
}

const has = (program: string): boolean => spawnSync('which', [program]).status === 0;

/** Asks Python's zipfile, which checks every checksum. @returns what it prints */
function python(path: string, script: string): unknown {
  const { stdout, stderr, status } = spawnSync('python3', [
    '-c',
    `import sys, json, zipfile\nzip = zipfile.ZipFile(sys.argv[1])\nassert zip.testzip() is None\n${script}`,
    path,
  ]);
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout.toString());
}

const files = {
  '1 Your order.eml': Buffer.from('Subject: Your order\r\n\r\ntext\r\n'),
  '2 注文 – Grüße.eml': Buffer.from('Subject: x\r\n\r\n'),
  '3 large.eml': randomBytes(3_000_000),
  '4 large and plain.eml': Buffer.alloc(3_000_000, 'line of text\r\n'),
};

describe('an archive', () => {
  test.skipIf(!has('unzip'))('is read by unzip, with names and times (needs unzip)', async () => {
    const path = await zip(messages(files));
    const folder = temporaryFolder();
    const unzip = spawnSync('unzip', ['-q', path, '-d', folder], { env: { ...process.env, LC_ALL: 'C.UTF-8' } });
    expect({ status: unzip.status, stderr: unzip.stderr.toString() }).toEqual({ status: 0, stderr: '' });
    expect(readdirSync(folder).sort()).toEqual(Object.keys(files));
    for (const [name, bytes] of Object.entries(files)) {
      expect(readFileSync(join(folder, name)).equals(bytes), name).toBe(true);
      expect(statSync(join(folder, name)).mtimeMs, name).toBe(receivedAt);
    }
  });

  test.skipIf(!has('python3'))('is read by Python (needs python3)', async () => {
    const list = python(
      await zip(messages(files)),
      'print(json.dumps([[i.filename, i.file_size] for i in zip.infolist()]))',
    );
    expect(list).toEqual(Object.entries(files).map(([name, bytes]) => [name, bytes.length]));
  });

  test.skipIf(!has('python3'))('has room for more files than 65,535 (needs python3)', async () => {
    async function* many(): AsyncGenerator<LeavingMessage> {
      for (let id = 1; id <= 70_000; id++) yield* messages({ [`${id}.eml`]: Buffer.from(String(id)) });
    }
    const list = python(await zip(many()), 'print(json.dumps([len(zip.namelist()), zip.read("70000.eml").decode()]))');
    expect(list).toEqual([70_000, '70000']);
  });

  test.skipIf(!has('python3'))('with nothing in it is one (needs python3)', async () => {
    expect(python(await zip(messages({})), 'print(json.dumps(zip.namelist()))')).toEqual([]);
  });

  test('is given up when a message cannot be read to its end', async () => {
    const bytes = async function* (): AsyncGenerator<Buffer> {
      yield await Promise.resolve(randomBytes(1_000_000));
      throw new Error('damaged');
    };
    const message = { fileName: '1.eml', receivedAt, reversePath: '', size: 2_000_000, bytes: bytes() };
    const one = async function* (): AsyncGenerator<LeavingMessage> {
      yield await Promise.resolve(message);
    };
    await expect(zip(one())).rejects.toThrow('damaged');
  });
});
