import { describe, expect, test } from 'vitest';
import { CommandLineError, readCommandLine } from '../../../main/settings/command-line.ts';

const nothing = { host: null, port: null, hidden: false, unknown: [] };

test.each([
  [[], nothing],
  [['.', '--smtp-port', '2525'], { ...nothing, port: 2525 }],
  [['--smtp-port=0'], { ...nothing, port: 0 }],
  [['--smtp-host', '::1', '--hidden'], { ...nothing, host: '::1', hidden: true }],
  [['--smtp-host=localhost'], { ...nothing, host: 'localhost' }],
  [['--no-sandbox', '--user-data-dir=/tmp/x', '--remote-debugging-port=0', '--inspect=0'], nothing],
  [['--smtp-prot', '2525', '--frob=1'], { ...nothing, unknown: ['--smtp-prot', '--frob'] }],
])('%j', (args, expected) => {
  expect(readCommandLine(args)).toEqual(expected);
});

describe('a value that cannot be used is an error that says what would do', () => {
  test.each([
    [['--smtp-port'], /needs a value/],
    [['--smtp-port='], /needs a value/],
    [['--smtp-port', 'many'], /0 to 65535.*"many"/],
    [['--smtp-port', '65536'], /0 to 65535/],
    [['--smtp-port', '-1'], /0 to 65535/],
    [['--smtp-port', '1e3'], /0 to 65535/],
    [['--hidden=false'], /takes no value/],
    [['--smtp-host', 'example.com'], /IP address.*"example.com"/],
  ])('%j', (args, message) => {
    const read = (): unknown => readCommandLine(args);
    expect(read).toThrow(CommandLineError);
    expect(read).toThrow(message);
  });
});
