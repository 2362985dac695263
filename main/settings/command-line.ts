import { isIP } from 'node:net';

/** What the command line says for this run. It changes no saved setting. */
export interface CommandLine {
  /** `--smtp-host` */
  host: string | null;
  /** `--smtp-port`; 0 for any free port. */
  port: number | null;
  /** `--hidden`: no window, only the tray. */
  hidden: boolean;
  /** Flags that nobody is known to understand, for a warning. */
  unknown: string[];
}

/** A value on the command line that cannot be used; the message is for the terminal. */
export class CommandLineError extends Error {}

/**
 * Switches that Electron, Chromium or Node documents (https://www.electronjs.org/docs/latest/api/command-line-switches)
 * and that people and test drivers really pass; `*` stands for a rest.
 */
const passedThrough = [
  'allow-file-access-from-files',
  'auth-*',
  'class',
  'disable-*',
  'enable-*',
  'force-*',
  'gtk-version',
  'headless',
  'host-*',
  'ignore-*',
  'in-process-gpu',
  'inspect*',
  'js-flags',
  'lang',
  'log-*',
  'no-*',
  'ozone-*',
  'password-store',
  'proxy-*',
  'remote-*',
  'require',
  'trace-*',
  'use-*',
  'user-data-dir',
  'v',
  'vmodule',
].map((name) => new RegExp(`^--${name.replace('*', '[a-z-]*')}(=|$)`));

/**
 * Reads the arguments, given as `--flag value` or `--flag=value`.
 * @param args without the executable and the app's path
 * @throws CommandLineError when a value is missing or cannot be used
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const result: CommandLine = { host: null, port: null, hidden: false, unknown: [] };
  const rest = [...args];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const [flag = '', ...inline] = argument.split('=');
    const value = (): string => {
      const given = inline.length > 0 ? inline.join('=') : rest.shift();
      if (given === undefined || given === '') throw new CommandLineError(`${flag} needs a value.`);
      return given;
    };
    if (flag === '--smtp-host') result.host = hostOf(value());
    else if (flag === '--smtp-port') result.port = portOf(value());
    else if (argument === '--hidden') result.hidden = true;
    else if (flag === '--hidden') throw new CommandLineError('--hidden takes no value.');
    else if (flag.startsWith('--') && !passedThrough.some((known) => known.test(argument))) result.unknown.push(flag);
  }
  return result;
}

function hostOf(value: string): string {
  if (isIP(value) !== 0 || value === 'localhost') return value;
  throw new CommandLineError(`--smtp-host takes an IP address of this machine or localhost, not "${value}".`);
}

function portOf(value: string): number {
  const port = Number(value);
  if (/^\d{1,5}$/.test(value) && port <= 65_535) return port;
  throw new CommandLineError(`--smtp-port takes a whole number from 0 to 65535 (0: any free port), not "${value}".`);
}
