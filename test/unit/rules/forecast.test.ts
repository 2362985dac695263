/** What is said beforehand is what a client gets: random rules, random sessions, a real server. */
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { type Rule, type RuleDefaults, ruleSchema } from '../../../main/rules/rule.ts';
import { type Forecast, Rules } from '../../../main/rules/rules.ts';
import { SmtpServer } from '../../../main/smtp/server.ts';
import { SmtpClient } from '../support/smtp-client.ts';
import { address, rule } from './rule.ts';

const few = <const T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const mailbox = few('anna@x.test', 'bert@x.test', 'bogus@y.test', 'Postmaster@y.test', 'a.b+c@z.test');
const patterns = {
  host: few('127.0.0.1', '10.0.0.0/8', '127.*', '/^127/', '*'),
  mailbox: few('*', 'anna', '*@x.test', 'b*@*', '/^(a|b)+/', 'bogus@y.test', 'postmaster', '*+*'),
};

const anyRule: fc.Arbitrary<Rule> = fc
  .record({
    stage: few('host', 'sender', 'recipient', 'recipient', 'recipient'),
    host: patterns.host,
    mailbox: patterns.mailbox,
    action: few('allow', 'deny', 'defer', 'greylist', 'limit', 'delay', 'drop'),
    enabled: fc.boolean(),
    // Time stands still as far as these are concerned.
    parameters: fc.record({ attempts: fc.integer({ min: 1, max: 3 }), count: fc.integer({ min: 1, max: 3 }) }),
    moment: few('before reply', 'amid reply'),
    ownReply: fc.option(few(0, 21, 50), { nil: null }),
  })
  .map(({ stage, host, mailbox: pattern, action, enabled, parameters, moment, ownReply }) => {
    const own = {
      ...(action === 'greylist' ? { attempts: parameters.attempts, seconds: 3600 } : {}),
      ...(action === 'limit' ? { count: parameters.count, seconds: 3600 } : {}),
      ...(action === 'drop' ? { moment } : {}),
    };
    const digit = action === 'deny' ? 5 : 4;
    const refuses = ['deny', 'defer', 'greylist', 'limit'].includes(action);
    const reply = refuses && ownReply !== null ? { reply: { code: digit * 100 + ownReply, text: 'Of its own' } } : {};
    return ruleSchema.parse(rule(action, stage, stage === 'host' ? host : pattern, { enabled, ...own, ...reply }));
  });
const decision = few('allow', 'allow', 'deny');
const anyDefaults: fc.Arbitrary<RuleDefaults> = fc.record({ host: decision, sender: decision, recipient: decision });
const anySession = fc.record({
  sender: fc.oneof(mailbox, fc.constant('')),
  recipients: fc.array(mailbox, { minLength: 1, maxLength: 4 }),
});

/** @returns the code, `dropped`, or `closed` where the connection was over before */
function foretold({ stage, verdict }: Forecast): number | 'dropped' | null {
  if (verdict === null) return null;
  if (verdict.outcome === 'drop') return 'dropped';
  if (verdict.outcome === 'refuse') return verdict.reply.code;
  return stage === 'host' ? 220 : 250;
}

test('a forecast is what a session gets', async () => {
  const rules = new Rules();
  // That a verdict comes late is told elsewhere; here nobody waits for it.
  const server = new SmtpServer({
    judge: (question) => ({ ...rules.judge(question), delay: 0 }),
    receive: () => {
      throw new Error('no message is sent');
    },
    refused: () => undefined,
  });
  const { port } = await server.start('127.0.0.1', 0);
  onTestFinished(() => server.shutdown(0));

  /** @returns what was answered to the connection, to MAIL and to each RCPT */
  async function converse(sender: string, recipients: string[]): Promise<(number | 'dropped')[]> {
    const client = await SmtpClient.connect(port);
    const answers: (number | 'dropped')[] = [];
    const next = async (): Promise<number | 'dropped'> => {
      const reply = await client.reply().catch(() => null);
      return reply?.code ?? 'dropped';
    };
    answers.push(await next());
    client.send('EHLO client.test\r\n');
    await next();
    for (const command of [`MAIL FROM:<${sender}>`, ...recipients.map((recipient) => `RCPT TO:<${recipient}>`)]) {
      client.send(`${command}\r\n`);
      answers.push(await next());
    }
    client.destroy();
    return answers;
  }

  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRule, { maxLength: 8 }),
      anyDefaults,
      fc.array(anySession, { minLength: 1, maxLength: 3 }),
      async (list, defaults, sessions) => {
        rules.replace(list, defaults);
        for (const { id } of list) rules.memory.forget(id);
        for (const { sender, recipients } of sessions) {
          const forecasts = rules.forecast({
            remoteAddress: '127.0.0.1',
            reversePath: address(sender),
            recipients: recipients.map(address),
          });
          const answers = await converse(sender, recipients);
          // What is not asked for is answered with 503, or by nobody.
          const compared = forecasts.map((forecast, index) => [foretold(forecast), answers[index]]);
          for (const [expected, got] of compared) {
            if (expected === null) expect([503, 'dropped']).toContain(got);
            else expect(got).toBe(expected);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
