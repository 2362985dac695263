import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';

const { href: processModule } = new URL('../../../scripts/run/process.mjs', import.meta.url);

/** Node runs a script that in turn runs another one with `run` and exits as that did. */
function runScript(inner: string) {
  const outer = `
    import { main, run } from ${JSON.stringify(processModule)};
    await main(() => run(process.execPath, ['--eval', ${JSON.stringify(inner)}]));
  `;
  return spawn(process.execPath, ['--input-type=module', '--eval', outer], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function output(script: ReturnType<typeof runScript>) {
  let text = '';
  script.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const [code] = (await once(script, 'close')) as [number | null];
  return { text, code };
}

test('a program tells what it tells, and its exit code is passed on', async () => {
  const script = runScript('console.log("hello"); process.exitCode = 7');
  expect(await output(script)).toEqual({ text: 'hello\n', code: 7 });
});

describe.skipIf(process.platform === 'win32')('signals', () => {
  test('the end by a signal is 128 and its number, as in shells', async () => {
    const script = runScript('process.kill(process.pid, "SIGKILL")');
    expect(await output(script)).toEqual({ text: '', code: 137 });
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s that arrives twice at once is passed on once, and the program may finish',
    async (signal) => {
      const script = runScript(`
        process.on('${signal}', () => {
          console.log('${signal}');
          setTimeout(() => process.exit(0), 200);
        });
        console.log('ready');
        setInterval(() => {}, 1000);
      `);
      const all = output(script);
      await once(script.stdout, 'data');
      script.kill(signal);
      script.kill(signal);
      expect(await all).toEqual({ text: `ready\n${signal}\n`, code: 0 });
    },
  );

  test('a program that does not heed it is killed when it is repeated', async () => {
    const script = runScript(`
      process.on('SIGINT', () => console.log('no'));
      console.log('ready');
      setInterval(() => {}, 1000);
    `);
    const all = output(script);
    await once(script.stdout, 'data');
    const repeat = setInterval(() => script.kill('SIGINT'), 300);
    expect(await all).toEqual({ text: 'ready\nno\n', code: 137 });
    clearInterval(repeat);
  });
});
