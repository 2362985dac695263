import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, isIP } from 'node:net';
import { join } from 'node:path';
import { type SecureContext, TLSSocket, connect } from 'node:tls';
import { generate } from 'selfsigned';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type CertificateFiles, Certificates } from '../../../main/smtp/certificate.ts';
import { canMakeReadOnly, readOnlyFolder } from '../support/disk.ts';
import { temporaryFolder } from '../support/folder.ts';

const day = 24 * 60 * 60 * 1000;
const openssl = (...args: string[]): string => execFileSync('openssl', args, { encoding: 'utf8' });
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

const keptIn = (folder: string): string => join(folder, 'smtp-certificate.pem');

/** What a client sees that reaches a server by `name` and trusts `ca`; the error is null when all is well. */
async function seen(
  context: SecureContext,
  ca: string | string[],
  name = 'localhost',
): Promise<{ fingerprint: string; error: unknown }> {
  const server = createServer((socket) => {
    new TLSSocket(socket, { isServer: true, secureContext: context }).on('error', () => socket.destroy()).resume();
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    // A client that was given an address sends no name (RFC 6066 section 3) and compares the address.
    ...(isIP(name) === 0 ? { servername: name } : { checkServerIdentity: (_, peer) => checkAddress(name, peer.raw) }),
    ca,
    rejectUnauthorized: false,
  });
  await once(client, 'secureConnect');
  const { fingerprint256 } = client.getPeerCertificate();
  const error: unknown = client.authorizationError;
  client.destroy();
  return { fingerprint: fingerprint256, error };
}

const checkAddress = (address: string, certificate: Buffer): Error | undefined =>
  new X509Certificate(certificate).checkIP(address) === undefined ? new Error(`not for ${address}`) : undefined;

interface Pair {
  cert: string;
  key: string;
}

type Options = NonNullable<Parameters<typeof generate>[1]>;

/** A pair that some other program made. */
async function pair(options: Options = {}, name = 'localhost'): Promise<Pair> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
    ...options,
  });
  return { cert: `${cert}\n`, key };
}

const encrypted = (key: string, type: 'pkcs8' | 'sec1'): string =>
  createPrivateKey(key).export({ format: 'pem', type, cipher: 'aes-128-cbc', passphrase: 'secret' }) as string;

function writePair(folder: string, { cert, key }: Pair): CertificateFiles {
  const files = { certificate: join(folder, 'own.pem'), key: join(folder, 'own.key') };
  writeFileSync(files.certificate, cert);
  writeFileSync(files.key, key);
  return files;
}

describe('the one that Mailmitt makes', () => {
  test.each(['localhost', 'build-box.example', 'host.docker.internal', '127.0.0.1', '::1'])(
    'is good for %s to a client that trusts it',
    async (name) => {
      const certificates = new Certificates(temporaryFolder(), 'build-box.example');
      const { fingerprint, names } = await certificates.info();
      expect(await seen(await certificates.context(), await certificates.pem(), name)).toEqual({
        fingerprint,
        error: null,
      });
      expect(names).toContain(name);
    },
  );

  test('is good for nothing else', async () => {
    const certificates = new Certificates(temporaryFolder(), 'build-box.example');
    const [context, pem] = [await certificates.context(), await certificates.pem()];
    expect((await seen(context, pem, 'other.example')).error).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect((await seen(context, pem, '127.0.0.2')).error).toBe('not for 127.0.0.2');
    expect((await certificates.info()).names).toHaveLength(5);
  });

  test('is not trusted by a client that trusts another', async () => {
    const context = await new Certificates(temporaryFolder()).context();
    const other = await new Certificates(temporaryFolder()).pem();
    expect((await seen(context, other)).error).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  test.each([
    ['3f2a9c81b0de', true],
    ['Desk-7.local', true],
    ['localhost', true],
    [`${'a'.repeat(63)}.example`, true],
    [`${'a'.repeat(64)}.example`, false],
    ['a.'.repeat(127), false],
    ["Somebody's Mac", false],
    ['build_box', false],
    ['-box', false],
    ['box-', false],
    ['box.', false],
    ['10.0.0.5', false],
    ['fe80::1', false],
    ['bücher', false],
    ['', false],
  ])('on a machine named %j names it: %s', async (hostName, isNamed) => {
    const { names } = await new Certificates(temporaryFolder(), hostName).info();
    const others = ['localhost', 'host.docker.internal', '127.0.0.1', '::1'];
    expect(names.toSorted()).toEqual([...new Set(isNamed ? [hostName, ...others] : others)].toSorted());
  });

  test('lasts as long as Apple takes it, from a day ago', async () => {
    const { validFrom, validTo } = await new Certificates(temporaryFolder()).info();
    expect(validFrom).toBeGreaterThan(Date.now() - day - 60_000);
    expect(validFrom).toBeLessThanOrEqual(Date.now() - day);
    expect(validTo - validFrom).toBe(824 * day);
  });

  test('is kept, and nothing else with it', async () => {
    const folder = temporaryFolder();
    const first = await new Certificates(folder).info();
    const again = new Certificates(folder);
    expect(await again.info()).toEqual(first);
    expect(again.setAside).toBeNull();
    expect(first).toMatchObject({ path: keptIn(folder), isOwn: false });
    expect(readdirSync(folder)).toEqual(['smtp-certificate.pem']);
  });

  test.skipIf(process.platform === 'win32')('has a key that nobody else can read', async () => {
    const folder = temporaryFolder();
    // What a crash left.
    writeFileSync(`${keptIn(folder)}.new`, '-----BEGIN');
    chmodSync(`${keptIn(folder)}.new`, 0o666);
    await new Certificates(folder).context();
    expect((statSync(keptIn(folder)).mode & 0o777).toString(8)).toBe('600');
    expect(readdirSync(folder)).toEqual(['smtp-certificate.pem']);
  });

  test('is given away without its key', async () => {
    const folder = temporaryFolder();
    const pem = await new Certificates(folder).pem();
    expect(pem).toMatch(/^-----BEGIN CERTIFICATE-----\n[\w+/=\n]+\n-----END CERTIFICATE-----\n$/);
    expect(readFileSync(keptIn(folder), 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----.*-----BEGIN PRIVATE KEY-----/s);
  });

  test.skipIf(!hasOpenssl)('is what OpenSSL takes where it is strictest, and prints', async () => {
    const folder = temporaryFolder();
    const certificates = new Certificates(folder);
    const path = join(folder, 'exported.pem');
    writeFileSync(path, await certificates.pem());
    const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'localhost'];
    expect(openssl(...verify, '-CAfile', path, path)).toBe(`${path}: OK\n`);
    const text = openssl('x509', '-in', path, '-noout', '-text', '-fingerprint', '-sha256');
    expect(text).toContain(`Fingerprint=${(await certificates.info()).fingerprint}\n`);
    expect(text).toMatch(/Signature Algorithm: ecdsa-with-SHA256/);
    expect(text).toMatch(/ASN1 OID: prime256v1/);
    expect(text).toMatch(/X509v3 Basic Constraints: critical\n *CA:FALSE\n/);
    expect(text).not.toContain('X509v3 Key Usage');
    expect(text).toMatch(/X509v3 Extended Key Usage: *\n *TLS Web Server Authentication\n/);
  });

  test('is one, however many ask for it at once', async () => {
    const folder = temporaryFolder();
    const certificates = new Certificates(folder);
    const infos = await Promise.all(Array.from({ length: 20 }, () => certificates.info()));
    expect(new Set(infos.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    const contexts = await Promise.all(Array.from({ length: 20 }, () => certificates.context()));
    expect(new Set(contexts).size).toBe(1);
    expect(await new Certificates(folder).info()).toEqual(infos[0]);
  });
});

describe('a new one in its place', () => {
  test('is made on request, shown from then on, and kept', async () => {
    const folder = temporaryFolder();
    const certificates = new Certificates(folder);
    const old = await certificates.info();
    const renewed = await certificates.renew();
    expect(renewed.fingerprint).not.toBe(old.fingerprint);
    expect(await certificates.info()).toEqual(renewed);
    expect(await seen(await certificates.context(), await certificates.pem())).toEqual({
      fingerprint: renewed.fingerprint,
      error: null,
    });
    expect(await new Certificates(folder).info()).toEqual(renewed);
    expect(readdirSync(folder)).toEqual(['smtp-certificate.pem']);
  });

  test('is found by clients that trust the old one as well', async () => {
    const certificates = new Certificates(temporaryFolder());
    const old = await certificates.pem();
    await certificates.renew();
    const both = [old, await certificates.pem()];
    expect((await seen(await certificates.context(), both)).error).toBeNull();
    expect((await seen(await certificates.context(), both.toReversed())).error).toBeNull();
  });

  test('is what those get who ask after the request, and not before', async () => {
    const certificates = new Certificates(temporaryFolder());
    const [before, renewed, after] = await Promise.all([
      certificates.info(),
      certificates.renew(),
      certificates.info(),
    ]);
    expect(before).not.toEqual(renewed);
    expect(after).toEqual(renewed);
  });

  test.each([
    ['has expired', { notBeforeDate: new Date(Date.now() - 2 * day), notAfterDate: new Date(Date.now() - day) }],
    ['was made when the clock was ahead', { notBeforeDate: new Date(Date.now() + day) }],
  ])('is made when the kept one %s', async (_, validity) => {
    const folder = temporaryFolder();
    const old = await pair(validity);
    writeFileSync(keptIn(folder), old.cert + old.key);
    const certificates = new Certificates(folder);
    const { fingerprint, validFrom, validTo } = await certificates.info();
    expect(fingerprint).not.toBe(new X509Certificate(old.cert).fingerprint256);
    expect(validFrom).toBeLessThan(Date.now());
    expect(validTo).toBeGreaterThan(Date.now());
    expect(readdirSync(folder)).toEqual(['smtp-certificate.pem']);
  });

  test('is made the moment that the one in use expires', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const certificates = new Certificates(temporaryFolder());
    const { validTo } = await certificates.info();
    const context = await certificates.context();
    vi.setSystemTime(validTo - 1);
    expect(await certificates.context()).toBe(context);
    vi.setSystemTime(validTo);
    expect(await certificates.context()).not.toBe(context);
    expect((await certificates.info()).validTo).toBe(validTo + 823 * day);
  });
});

describe('a kept one that cannot be used is set aside as it is, and a new one is made', () => {
  test.each<[what: string, content: (whole: Pair, other: Pair) => string, reason: RegExp]>([
    ['nothing in it', () => '', /no certificate/],
    ['garbage', () => '\0\x01\x7f', /no certificate/],
    ['the certificate alone', ({ cert }) => cert, /no private key/],
    ['the key alone', ({ key }) => key, /no certificate/],
    ['cut off in the certificate', ({ cert }) => cert.slice(0, 300), /no private key|damaged/],
    ['cut off in the key', ({ cert, key }) => cert + key.slice(0, 100), /The key .* is damaged/],
    [
      'a damaged certificate',
      ({ cert, key }) => cert.replace(/M.{20}/, 'A'.repeat(21)) + key,
      /certificate .* damaged/,
    ],
    ['the key of another', ({ cert }, { key }) => cert + key, /does not belong/],
  ])('%s', async (_title, contentOf, reason) => {
    const folder = temporaryFolder();
    const content = contentOf(await pair(), await pair());
    writeFileSync(keptIn(folder), content);
    const certificates = new Certificates(folder);
    expect((await seen(await certificates.context(), await certificates.pem())).error).toBeNull();
    const { setAside } = certificates;
    expect(setAside?.reason).toMatch(reason);
    expect(readFileSync(setAside?.path ?? '', 'utf8')).toBe(content);
    expect(readdirSync(folder).map((name) => name.replace(/broken-[\dTZ.-]+$/, 'broken-…'))).toEqual([
      'smtp-certificate.pem',
      'smtp-certificate.pem.broken-…',
    ]);
  });

  test('also where a new one was asked for', async () => {
    const folder = temporaryFolder();
    writeFileSync(keptIn(folder), 'garbage');
    const certificates = new Certificates(folder);
    const renewed = await certificates.renew();
    expect(await certificates.info()).toEqual(renewed);
    expect(readFileSync(certificates.setAside?.path ?? '', 'utf8')).toBe('garbage');
  });
});

describe('where none can be kept', () => {
  test('people are told, and the next call tries again', async () => {
    const folder = join(temporaryFolder(), 'later');
    const certificates = new Certificates(folder);
    const message = `The certificate for TLS cannot be kept in ${folder}: ENOENT`;
    await expect(certificates.context()).rejects.toThrow(message);
    await expect(certificates.renew()).rejects.toThrow(message);
    mkdirSync(folder);
    expect((await seen(await certificates.context(), await certificates.pem())).error).toBeNull();
  });

  test('the old one goes on when a new one cannot be kept', async () => {
    const folder = join(temporaryFolder(), 'folder');
    mkdirSync(folder);
    const certificates = new Certificates(folder);
    const old = await certificates.info();
    renameSync(folder, `${folder}-elsewhere`);
    await expect(certificates.renew()).rejects.toThrow('cannot be kept');
    expect(await certificates.info()).toEqual(old);
  });

  test.skipIf(!canMakeReadOnly)('a read-only folder is such a place', async () => {
    await expect(new Certificates(readOnlyFolder()).context()).rejects.toThrow(/cannot be kept in .*(EROFS|EACCES)/);
  });

  test('what cannot be read is not taken for damaged', async () => {
    const folder = temporaryFolder();
    mkdirSync(keptIn(folder));
    await expect(new Certificates(folder).context()).rejects.toThrow(/cannot be read: EISDIR/);
    expect(readdirSync(folder)).toEqual(['smtp-certificate.pem']);
  });
});

describe("the user's own", () => {
  test('is shown in place of the made one, which is made and kept no less when it is wanted again', async () => {
    const folder = temporaryFolder();
    const own = await pair();
    const files = writePair(temporaryFolder(), own);
    const certificates = new Certificates(folder);
    certificates.use(files);
    const info = await certificates.info();
    expect(info).toEqual(await Certificates.check(files));
    expect(info).toMatchObject({ names: ['localhost'], path: files.certificate, isOwn: true });
    expect(await seen(await certificates.context(), own.cert)).toEqual({ fingerprint: info.fingerprint, error: null });
    expect(await certificates.pem()).toBe(own.cert);
    expect(readdirSync(folder)).toEqual([]);
    certificates.use(null);
    expect(await certificates.info()).toMatchObject({ path: keptIn(folder), isOwn: false });
  });

  test('is taken by those who ask after it was given, and not before', async () => {
    const certificates = new Certificates(temporaryFolder());
    const before = certificates.info();
    certificates.use(writePair(temporaryFolder(), await pair()));
    expect([(await before).isOwn, (await certificates.info()).isOwn]).toEqual([false, true]);
  });

  test('is read again when it is given again', async () => {
    const folder = temporaryFolder();
    const certificates = new Certificates(temporaryFolder());
    certificates.use(writePair(folder, await pair()));
    const first = await certificates.info();
    const files = writePair(folder, await pair());
    expect(await certificates.info()).toEqual(first);
    certificates.use(files);
    expect(await certificates.info()).toEqual(await Certificates.check(files));
    expect(await certificates.info()).not.toEqual(first);
  });

  test('may come with what is between it and a certificate authority', async () => {
    const extensions: Options['extensions'] = [{ name: 'basicConstraints', cA: true, critical: true }];
    const authority = await pair({ extensions }, 'Authority');
    const between = await pair({ extensions, ca: authority }, 'Between');
    const own = await pair({ ca: between });
    const certificates = new Certificates(temporaryFolder());
    certificates.use(writePair(temporaryFolder(), { cert: own.cert + between.cert, key: own.key }));
    expect((await seen(await certificates.context(), authority.cert)).error).toBeNull();
  });

  test('is not renewed', async () => {
    const certificates = new Certificates(temporaryFolder());
    const files = writePair(temporaryFolder(), await pair());
    certificates.use(files);
    await expect(certificates.renew()).rejects.toThrow(`${files.certificate} is your own certificate`);
    expect(readFileSync(files.certificate, 'utf8')).toBe(await certificates.pem());
  });

  test('may have expired: that may be what a test needs', async () => {
    const validity = { notBeforeDate: new Date(Date.now() - 2 * day), notAfterDate: new Date(Date.now() - day) };
    const own = await pair(validity);
    const files = writePair(temporaryFolder(), own);
    expect((await Certificates.check(files)).validTo).toBeLessThan(Date.now());
    const certificates = new Certificates(temporaryFolder());
    certificates.use(files);
    expect((await seen(await certificates.context(), own.cert)).error).toBe('CERT_HAS_EXPIRED');
  });

  const der = ({ cert }: Pair): string => new X509Certificate(cert).raw.toString('latin1');

  test.each<[what: string, spoil: (own: Pair, other: Pair) => Partial<Pair>, message: string]>([
    ['no PEM', (own) => ({ cert: der(own) }), 'CERTIFICATE holds no certificate in PEM form'],
    ['an empty certificate file', () => ({ cert: '' }), 'CERTIFICATE holds no certificate in PEM form'],
    ['files in each other’s place', ({ cert, key }) => ({ cert: key, key: cert }), 'CERTIFICATE holds no certificate'],
    [
      'a damaged certificate',
      ({ cert }) => ({ cert: cert.slice(0, 300) }),
      'The certificate in CERTIFICATE is damaged',
    ],
    ['a damaged certificate behind it', ({ cert }) => ({ cert: cert + cert.slice(0, 300) }), 'cannot be used for TLS'],
    ['an empty key file', () => ({ key: '' }), 'KEY holds no private key in PEM form'],
    ['the certificate for a key', ({ cert }) => ({ key: cert }), 'KEY holds no private key in PEM form'],
    ['a damaged key', ({ key }) => ({ key: key.slice(0, 100) }), 'The key in KEY is damaged'],
    ['the key of another', (_, { key }) => ({ key }), 'The key in KEY does not belong to the first certificate'],
    [
      'the authority’s certificate first',
      ({ cert }, other) => ({ cert: other.cert + cert }),
      'The key in KEY does not belong to the first certificate in CERTIFICATE.',
    ],
  ])('cannot be used with %s, and people are told', async (_, spoil, message) => {
    const own = await pair();
    const files = writePair(temporaryFolder(), { ...own, ...spoil(own, await pair()) });
    const expected = message.replace('CERTIFICATE', files.certificate).replace('KEY', files.key);
    await expect(Certificates.check(files)).rejects.toThrow(expected);
    const certificates = new Certificates(temporaryFolder());
    certificates.use(files);
    await expect(certificates.context()).rejects.toThrow(expected);
    expect(certificates.setAside).toBeNull();
    writePair(join(files.key, '..'), own);
    expect((await seen(await certificates.context(), own.cert)).error).toBeNull();
  });

  test.each(['pkcs8', 'sec1'] as const)('cannot be used with a key that is encrypted in %s', async (type) => {
    const { cert, key } = await pair();
    const files = writePair(temporaryFolder(), { cert, key: encrypted(key, type) });
    await expect(Certificates.check(files)).rejects.toThrow(`The key in ${files.key} is encrypted. Save it without`);
  });

  test.each([
    ['certificate', 'is not there', '/nowhere/own.pem', 'does not exist.'],
    ['key', 'is not there', '/nowhere/own.key', 'does not exist.'],
    ['certificate', 'is a folder', import.meta.dirname, 'cannot be read: EISDIR'],
    ['key', 'is a folder', import.meta.dirname, 'cannot be read: EISDIR'],
  ])('cannot be used when the %s %s', async (role, _, path, why) => {
    const files = { ...writePair(temporaryFolder(), await pair()), [role]: path };
    await expect(Certificates.check(files)).rejects.toThrow(`The ${role} file ${path} ${why}`);
  });
});
