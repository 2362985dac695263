import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { hasNoDisplay } from '../run/display.mjs';
import { Problem } from '../run/messages.mjs';
import { step } from '../run/step.mjs';

/**
 * A package of Debian and Ubuntu: its name, or where a release renamed it (the move to a 64-bit time_t) the names that it
 * has had, newest first.
 * @typedef {string | readonly string[]} Package
 */

/** What Electron links against or loads. */
const runtime = [
  ['libgtk-3-0t64', 'libgtk-3-0'],
  'libnss3',
  ['libasound2t64', 'libasound2'],
  'libgbm1',
  'libxss1',
  ['libatk-bridge2.0-0t64', 'libatk-bridge2.0-0'],
  'libdrm2',
  'libxkbcommon0',
  ['libcups2t64', 'libcups2'],
];
const display = ['xvfb'];
/** SMTP clients and servers that are not ours; and fonts, so that pictures of mail in any script have no empty boxes. */
const peersAndFonts = [
  'swaks',
  'msmtp',
  'curl',
  'openssl',
  'libauthen-sasl-perl',
  'libio-socket-ssl-perl',
  'tcl',
  'tcllib',
  'fonts-inter',
  'fonts-jetbrains-mono',
  'fonts-noto-core',
  'fonts-noto-cjk',
  'fonts-noto-color-emoji',
];

/** Holds smtp-source. It is a mail server, too, which nobody wants to find running who only ran some tests. */
const onlyForCi = ['postfix'];

/** @param {Package} name */
const namesOf = (name) => (typeof name === 'string' ? [name] : name);

/**
 * What a machine has, as far as it matters here.
 * @typedef {object} Machine
 * @property {readonly string[]} librariesNotFound shared libraries that Electron wants and the loader does not find
 * @property {boolean} noDisplay whether there is no desktop to open windows on
 * @property {boolean} xvfb whether there is Xvfb
 * @property {boolean} isCi whether it is there for the tests alone
 * @property {ReadonlySet<string> | null} installed Debian packages that are there; null where there is no dpkg
 */

/**
 * What a machine lacks. Libraries and Xvfb are asked for by themselves, wherever they come from. Test peers and fonts
 * are asked for where dpkg knows about them; elsewhere the tests that need them are skipped.
 * @param {Machine} machine
 * @param {boolean} tests whether it is to run the tests
 * @returns {{ lacks: string[], packages: Package[] }} in words for people; and the packages that have it
 */
export function whatIsMissing({ librariesNotFound, noDisplay, xvfb, isCi, installed }, tests) {
  const lacks = [...librariesNotFound];
  /** @type {Package[]} */
  const packages = librariesNotFound.length > 0 ? [...runtime] : [];
  if (!xvfb && (noDisplay || tests)) {
    lacks.push('Xvfb');
    packages.push(...display);
  }
  if (tests && installed !== null) {
    const wanted = isCi ? [...peersAndFonts, ...onlyForCi] : peersAndFonts;
    const absent = wanted.filter((name) => !installed.has(name));
    lacks.push(...absent);
    packages.push(...absent);
  }
  return { lacks, packages };
}

/**
 * The name of each package that this release of the system has: the newest that apt could install; the oldest, which
 * newer releases mostly still understand, where apt knows none.
 * @param {readonly Package[]} packages
 * @param {string} policy what `apt-cache policy` says of all their names
 * @returns {string[]}
 */
export function namesKnownToApt(packages, policy) {
  const known = new Set();
  for (const [, name, candidate] of policy.matchAll(/^(\S+):\n {2}Installed: .*\n {2}Candidate: (.*)$/gm)) {
    if (candidate !== '(none)') known.add(name);
  }
  return packages.map((item) => namesOf(item).find((name) => known.has(name)) ?? namesOf(item).at(-1) ?? '');
}

/**
 * Runs a quick program that answers with text.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {string | null} what it printed; null where there is no such program
 */
function ask(command, args) {
  // In the language that its answer is read in.
  const { error, stdout } = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  return error ? null : stdout;
}

/** @param {string} program */
function isOnPath(program) {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @param {string} electron the binary */
const librariesNotFound = (electron) =>
  [...(ask('ldd', [electron]) ?? '').matchAll(/^\s*(\S+) => not found$/gm)].map(([, library]) => String(library));

/** @returns {ReadonlySet<string> | null} */
function installedPackages() {
  const answer = ask('dpkg-query', [
    '--show',
    '--showformat=${Package} ${db:Status-Status}\n',
    ...peersAndFonts,
    ...onlyForCi,
  ]);
  if (answer === null) return null;
  return new Set([...answer.matchAll(/^(\S+) installed$/gm)].map(([, name]) => String(name)));
}

/**
 * Sees to it that the system has what Electron needs, and for tests what those need: with apt as root, otherwise by
 * naming the command.
 * @param {string} electron the binary
 * @param {{ tests?: boolean }} [options]
 * @throws {Problem} when something is missing that cannot be installed from here
 */
export async function installSystemPackages(electron, { tests = false } = {}) {
  if (process.platform !== 'linux') return;
  const machine = {
    librariesNotFound: librariesNotFound(electron),
    noDisplay: hasNoDisplay,
    xvfb: isOnPath('Xvfb'),
    isCi: Boolean(process.env['CI']),
    installed: tests ? installedPackages() : null,
  };
  const { lacks, packages } = whatIsMissing(machine, tests);
  if (lacks.length === 0) return;

  const what = `This system lacks: ${lacks.join(', ')}.`;
  if (!isOnPath('apt-get')) {
    throw new Problem(what, "Install it with your system's package manager, then run this again.");
  }
  const choose = () => namesKnownToApt(packages, ask('apt-cache', ['policy', ...packages.flatMap(namesOf)]) ?? '');
  const install = ['install', '--yes', '--no-install-recommends'];
  if (process.getuid?.() !== 0) {
    const command = `sudo apt-get update && sudo apt-get ${install.join(' ')} ${choose().join(' ')}`;
    throw new Problem(what, `Install it, then run this again:\n\n  ${command}`);
  }
  const todo = 'Check the network and what apt says above, then run this again.';
  await step('Updating the list of system packages (apt-get update)', 'apt-get', ['update'], { todo });
  const names = choose();
  await step(`Installing system packages (apt-get install ${names.join(' ')})`, 'apt-get', [...install, ...names], {
    todo,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  const still = librariesNotFound(electron);
  if (still.length > 0) {
    throw new Problem(
      `Electron still lacks: ${still.join(', ')}.`,
      'Install the packages that hold it, then run this again.',
    );
  }
}
