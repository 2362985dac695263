import { type KeyObject, X509Certificate, createPrivateKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { SocketAddress, isIP, isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type SecureContext, createSecureContext } from 'node:tls';

/** A certificate and its key, each in PEM form; both may lie in one file. */
export interface CertificateFiles {
  /** The server's certificate first, then those between it and its issuer, if any. */
  certificate: string;
  /** Not encrypted. */
  key: string;
}

/** What is told of a certificate. */
export interface CertificateInfo {
  /** The host names and addresses that it is good for. */
  names: string[];
  /** Milliseconds since the epoch. */
  validFrom: number;
  /** Milliseconds since the epoch. */
  validTo: number;
  /** SHA-256 over the DER form: pairs of upper-case hex digits with colons between, as OpenSSL prints it. */
  fingerprint: string;
  /** Where it lies. What Mailmitt makes has its private key in the same file: {@link Certificates.pem} is for others. */
  path: string;
  /** Whether the user gave it, in place of the one that Mailmitt makes. */
  isOwn: boolean;
}

/**
 * The certificate that the server shows under TLS: the user's own, or one that is made on first use and kept.
 * Calls are answered one after the other, each in the state that the one before it left; one that fails leaves nothing
 * behind, and the next tries again.
 */
export class Certificates {
  readonly #folder: string;
  readonly #file: string;
  readonly #hostName: string;
  #own: CertificateFiles | null = null;
  #loaded: Loaded | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #setAside: { path: string; reason: string } | null = null;

  /**
   * @param folder where the made one is kept, in `smtp-certificate.pem` together with its key; an absolute path
   * @param hostName of this machine; the certificate is good for it when it is a DNS name
   */
  constructor(folder: string, hostName = hostname()) {
    this.#folder = folder;
    this.#file = join(folder, 'smtp-certificate.pem');
    this.#hostName = hostName;
  }

  /** The last kept certificate that could not be used and was replaced: where it lies now, and what is wrong with it. */
  get setAside(): { path: string; reason: string } | null {
    return this.#setAside;
  }

  /** Takes the user's own certificate from now on, or with null the made one again. The files are read at the next use. */
  use(files: CertificateFiles | null): void {
    void this.#inTurn(() => {
      this.#own = files;
      this.#loaded = null;
    });
  }

  /**
   * @returns what a TLS server needs
   * @throws Error for people, when the user's own cannot be used (see {@link check}), or none can be kept in the folder
   */
  async context(): Promise<SecureContext> {
    return (await this.#inTurn(() => this.#current())).context;
  }

  /** @throws Error as {@link context} does */
  async info(): Promise<CertificateInfo> {
    return (await this.#inTurn(() => this.#current())).info;
  }

  /** @returns the certificate alone in PEM form, for clients that are to trust it @throws Error as {@link context} does */
  async pem(): Promise<string> {
    return (await this.#inTurn(() => this.#current())).pem;
  }

  /**
   * Puts a new certificate with a new key in place of the made one.
   * @throws Error when the user's own is in use, or the new one cannot be kept; the old one then goes on
   */
  renew(): Promise<CertificateInfo> {
    return this.#inTurn(async () => {
      if (this.#own !== null) {
        throw new Error(`${this.#own.certificate} is your own certificate: renew it where you have it from.`);
      }
      // What cannot be used is set aside, never overwritten.
      await this.#kept();
      this.#loaded = await this.#make();
      return this.#loaded.info;
    });
  }

  /**
   * Reads a user's own certificate. One that has expired, or that is good for no name, may be what a test needs, and passes.
   * @throws Error for people, saying which file cannot be used and why
   */
  static async check(files: CertificateFiles): Promise<CertificateInfo> {
    return (await load(files, true)).info;
  }

  /** Runs after everything that was asked for before, whether that went well or not. */
  #inTurn<T>(operation: () => T | Promise<T>): Promise<T> {
    const result = this.#turn.then(operation);
    // Who asked for it gets the error.
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #current(): Promise<Loaded> {
    if (this.#loaded === null || !isValidNow(this.#loaded)) {
      this.#loaded = this.#own === null ? await this.#made() : await load(this.#own, true);
    }
    return this.#loaded;
  }

  async #made(): Promise<Loaded> {
    const kept = await this.#kept();
    return kept !== null && isValidNow(kept) ? kept : this.#make();
  }

  /** @returns null where there is none, or none any more: one that cannot be used is set aside */
  async #kept(): Promise<Loaded | null> {
    if (!existsSync(this.#file)) return null;
    try {
      return await load({ certificate: this.#file, key: this.#file }, false);
    } catch (error) {
      if (!(error instanceof UnusableFile)) throw error;
      const path = `${this.#file}.broken-${new Date().toISOString().replaceAll(':', '-')}`;
      await this.#write(() => rename(this.#file, path));
      this.#setAside = { path, reason: error.message };
      return null;
    }
  }

  /** The file is whole or not there at all, and at no time can others read the key. */
  async #make(): Promise<Loaded> {
    const pem = await makeCertificate(this.#hostName);
    const temporary = `${this.#file}.new`;
    await this.#write(async () => {
      // What a crash left behind might be open to others.
      await rm(temporary, { force: true });
      await writeFile(temporary, pem, { flag: 'wx', mode: 0o600, flush: true });
      await rename(temporary, this.#file);
    });
    return load({ certificate: this.#file, key: this.#file }, false);
  }

  async #write(operation: () => Promise<void>): Promise<void> {
    try {
      await operation();
    } catch (error) {
      throw new Error(
        `The certificate for TLS cannot be kept in ${this.#folder}: ${(error as Error).message}. ` +
          'Let Mailmitt write there, or choose a certificate of your own.',
        { cause: error },
      );
    }
  }
}

interface Loaded {
  context: SecureContext;
  info: CertificateInfo;
  pem: string;
}

const isValidNow = ({ info }: Loaded): boolean => info.validFrom <= Date.now() && Date.now() < info.validTo;

class UnusableFile extends Error {}

/** @throws UnusableFile when what is in the files cannot be used @throws Error when they cannot be read */
async function load(files: CertificateFiles, isOwn: boolean): Promise<Loaded> {
  const cert = await read('certificate', files.certificate);
  const key = await read('key', files.key);
  const x509 = certificateIn(cert, files.certificate);
  if (!x509.checkPrivateKey(privateKeyIn(key, files.key))) {
    throw new UnusableFile(`The key in ${files.key} does not belong to the first certificate in ${files.certificate}.`);
  }
  return {
    context: contextOf(cert, key, files),
    info: {
      names: namesOf(x509),
      validFrom: x509.validFromDate.getTime(),
      validTo: x509.validToDate.getTime(),
      fingerprint: x509.fingerprint256,
      path: files.certificate,
      isOwn,
    },
    pem: x509.toString(),
  };
}

async function read(role: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'does not exist' : `cannot be read: ${message}`;
    throw new Error(`The ${role} file ${path} ${what}.`, { cause: error });
  }
}

function certificateIn(text: string, path: string): X509Certificate {
  if (!/^-----BEGIN CERTIFICATE-----/m.test(text)) {
    throw new UnusableFile(
      `${path} holds no certificate in PEM form ("-----BEGIN CERTIFICATE-----"). Convert it if it is DER or PKCS #12.`,
    );
  }
  try {
    return new X509Certificate(text);
  } catch (error) {
    throw new UnusableFile(`The certificate in ${path} is damaged: ${(error as Error).message}.`, { cause: error });
  }
}

function privateKeyIn(text: string, path: string): KeyObject {
  if (!/^-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/m.test(text)) {
    throw new UnusableFile(`${path} holds no private key in PEM form ("-----BEGIN PRIVATE KEY-----").`);
  }
  try {
    return createPrivateKey(text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MISSING_PASSPHRASE') {
      throw new UnusableFile(`The key in ${path} is encrypted. Save it without a passphrase.`, { cause: error });
    }
    throw new UnusableFile(`The key in ${path} is damaged or of an unknown kind: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

function contextOf(cert: string, key: string, files: CertificateFiles): SecureContext {
  try {
    return createSecureContext({ cert, key });
  } catch (error) {
    throw new UnusableFile(
      `${files.certificate} and its key cannot be used for TLS: ${(error as Error).message}. ` +
        'Take another kind of key, and look whether each certificate in the file is whole.',
      { cause: error },
    );
  }
}

function namesOf(x509: X509Certificate): string[] {
  const names = (x509.subjectAltName ?? '').matchAll(/(?<=^|, )(?:DNS|IP Address):([^,]+)/g);
  return Array.from(names, ([, name = '']) => shortAddress(name));
}

/** Node has all eight groups of an IPv6 address there; people write `::1`. */
const shortAddress = (name: string): string =>
  isIPv6(name) ? new SocketAddress({ address: name, family: 'ipv6' }).address : name;

const dnsName = /^(?=.{1,253}$)(?![\d.]+$)[a-z\d]([a-z\d-]{0,61}[a-z\d])?(\.[a-z\d]([a-z\d-]{0,61}[a-z\d])?)*$/i;

const day = 24 * 60 * 60 * 1000;

/** @returns a certificate and its key in PEM form */
async function makeCertificate(hostName: string): Promise<string> {
  // It takes long to load and is needed once in years.
  const { generate } = await import('selfsigned');
  const now = new Date();
  const hostNames = ['localhost', hostName, 'host.docker.internal'].filter((name) => dnsName.test(name));
  const names = [...new Set(hostNames), '127.0.0.1', '::1'];
  // A client that trusts several finds the right one by its subject, which so has to be of its own.
  const { cert, private: key } = await generate([{ name: 'commonName', value: `Mailmitt ${now.toISOString()}` }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // Clocks may be a bit behind, in containers and virtual machines above all.
    notBeforeDate: new Date(now.getTime() - day),
    // Apple takes 825 days at the most: https://support.apple.com/en-us/103769
    notAfterDate: new Date(now.getTime() + 823 * day),
    // It is the server's and the one to trust at once. Some clients take no CA for a server (RFC 5280 section 4.2.1.9),
    // and others no certificate as its own issuer whose key usage does not say so; without key usage all take it.
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
      },
    ],
  });
  return `${cert}\n${key}`;
}
