import { describe, expect, test } from 'vitest';
import { namesKnownToApt, whatIsMissing } from '../../../scripts/setup/system.mjs';

describe('what a machine lacks', () => {
  const testPackages = [
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
  /** A desktop with all that Electron wants. */
  const machine = { librariesNotFound: [], noDisplay: false, xvfb: false, isCi: false, installed: new Set<string>() };
  const toStart = (differences: Partial<Parameters<typeof whatIsMissing>[0]>) =>
    whatIsMissing({ ...machine, ...differences }, false).lacks;
  const toTest = (differences: Partial<Parameters<typeof whatIsMissing>[0]>) =>
    whatIsMissing({ ...machine, ...differences }, true).lacks;

  test('to start: its libraries, and Xvfb where there is no display', () => {
    expect(toStart({})).toEqual([]);
    expect(toStart({ noDisplay: true })).toEqual(['Xvfb']);
    expect(toStart({ noDisplay: true, xvfb: true })).toEqual([]);
    expect(toStart({ librariesNotFound: ['libnss3.so'] })).toEqual(['libnss3.so']);
  });

  test('to test: Xvfb even beside a display, and the packages that dpkg does not have', () => {
    expect(toTest({})).toEqual(['Xvfb', ...testPackages]);
    expect(toTest({ xvfb: true, installed: new Set(testPackages) })).toEqual([]);
    expect(toTest({ xvfb: true, installed: new Set(testPackages.slice(1)) })).toEqual(['swaks']);
  });

  test('in CI: also what nobody wants to find running on a machine of their own', () => {
    expect(toTest({ xvfb: true, isCi: true, installed: new Set(testPackages) })).toEqual(['postfix']);
  });

  test('where there is no dpkg, test peers and fonts are not asked for', () => {
    expect(toTest({ installed: null })).toEqual(['Xvfb']);
    expect(toTest({ installed: null, xvfb: true })).toEqual([]);
  });

  test('one library that is not found brings the packages of all', () => {
    const { packages } = whatIsMissing({ ...machine, librariesNotFound: ['libnss3.so'] }, false);
    expect(packages.flat()).toEqual(expect.arrayContaining(['libnss3', 'libgtk-3-0', 'libgbm1']));
    expect(packages).not.toContain('xvfb');
  });
});

describe('the names that apt knows', () => {
  const packages = ['libnss3', ['libasound2t64', 'libasound2'], ['libgtk-3-0t64', 'libgtk-3-0']];

  test.each([
    [
      'Debian 12, which never heard of the new ones',
      `libnss3:
  Installed: (none)
  Candidate: 2:3.87.1-1+deb12u1
  Version table:
     2:3.87.1-1+deb12u1 500
libasound2:
  Installed: 1.2.8-1+b1
  Candidate: 1.2.8-1+b1
libgtk-3-0:
  Installed: (none)
  Candidate: 3.24.38-2~deb12u3
`,
      ['libnss3', 'libasound2', 'libgtk-3-0'],
    ],
    [
      'Ubuntu 24.04, where the old ones are but names that others provide',
      `libnss3:
  Installed: (none)
  Candidate: 2:3.98-1build1
libasound2t64:
  Installed: (none)
  Candidate: 1.2.11-1build2
libasound2:
  Installed: (none)
  Candidate: (none)
  Version table:
libgtk-3-0t64:
  Installed: (none)
  Candidate: 3.24.41-4ubuntu1
libgtk-3-0:
  Installed: (none)
  Candidate: (none)
  Version table:
`,
      ['libnss3', 'libasound2t64', 'libgtk-3-0t64'],
    ],
    ['no list of packages yet', '', ['libnss3', 'libasound2', 'libgtk-3-0']],
  ])('%s', (_, policy, names) => {
    expect(namesKnownToApt(packages, policy)).toEqual(names);
  });
});
