import type { Settings } from '../../preload/contract.ts';
import { formatAccounts, readAccounts } from './accounts.ts';

/** The settings that are typed, and so are kept until they are saved; the others take effect at once. */
export type FieldName = Exclude<keyof Settings, 'switchedOff' | 'authRequired' | 'theme'>;

/** How a setting stands in its field. What was typed is not judged here: that the main process does. */
interface Kind<T> {
  inputmode: 'text' | 'numeric';
  show: (value: T) => string;
  read: (text: string) => T;
}

interface Field<T> {
  label: string;
  help: string;
  kind: Kind<T>;
}

const text: Kind<string> = { inputmode: 'text', show: (value) => value, read: (typed) => typed.trim() };
const number: Kind<number> = { inputmode: 'numeric', show: String, read: Number };
const numberOrNone: Kind<number | null> = {
  inputmode: 'numeric',
  show: (value) => (value === null ? '' : String(value)),
  read: (typed) => (typed.trim() === '' ? null : Number(typed)),
};
const accounts: Kind<Settings['accounts']> = { inputmode: 'text', show: formatAccounts, read: readAccounts };

export const fields: { readonly [K in FieldName]: Field<Settings[K]> } = {
  host: {
    label: 'Host',
    help: 'Where the server listens: 127.0.0.1 for this machine alone.',
    kind: text,
  },
  port: { label: 'Port', help: '1 to 65535; below 1024 may need more rights.', kind: number },
  tlsPort: {
    label: 'Port for TLS',
    help: 'Another port, where TLS comes first, as on 465. Empty: none.',
    kind: numberOrNone,
  },
  hostName: {
    label: 'Name of the server',
    help: 'What it calls itself in its replies. Empty: this machine’s name.',
    kind: text,
  },
  banner: { label: 'Banner', help: 'What the greeting says behind the name.', kind: text },

  maxMessageMiB: {
    label: 'Largest message (MiB)',
    help: '1 to 1024; what is larger is refused with 552.',
    kind: number,
  },
  maxRecipients: { label: 'Recipients of a message', help: '1 to 100000; one more is told 452.', kind: number },
  maxConnections: {
    label: 'Connections',
    help: '1 to 10000 at the same time; one more is told 421.',
    kind: number,
  },
  maxErrors: { label: 'Errors', help: '1 to 10000 in a session, which ends with 421 then.', kind: number },
  maxLineLength: { label: 'Command line (octets)', help: '512 to 65536, with the line end.', kind: number },
  maxAuthLineLength: { label: 'AUTH line (octets)', help: '512 to 65536, with the line end.', kind: number },
  idleSeconds: { label: 'Silence (seconds)', help: '1 to 86400; then the session ends with 421.', kind: number },
  messageSeconds: {
    label: 'Time for a message (seconds)',
    help: '1 to 86400, from its first octet to its last.',
    kind: number,
  },

  accounts: {
    label: 'Accounts',
    help:
      'One name:password a line. Empty: any name and password are accepted. ' +
      'They are kept in clear text, so take none that count elsewhere.',
    kind: accounts,
  },

  keepMessages: { label: 'Messages', help: 'Empty: no matter how many.', kind: numberOrNone },
  keepDays: { label: 'Days', help: 'Empty: no matter how old.', kind: numberOrNone },
  keepMebibytes: {
    label: 'Size of all messages (MiB)',
    help: 'They take about half of that on the disk. Empty: no matter how much.',
    kind: numberOrNone,
  },

  tlsCertificate: {
    label: 'Certificate file',
    help: 'Path of a PEM file of your own: first the server’s certificate, then those up to its issuer. Empty: the one that Mailmitt makes.',
    kind: text,
  },
  tlsKey: {
    label: 'Key file',
    help: 'Path of the PEM file with its private key, not encrypted.',
    kind: text,
  },
};

/** @returns what stands in the field when nothing was typed */
export function textOf<K extends FieldName>(field: K, settings: Pick<Settings, K>): string {
  return fields[field].kind.show(settings[field]);
}
