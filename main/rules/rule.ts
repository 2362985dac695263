import { z } from 'zod';
import { compilePattern } from './pattern.ts';

/** The point of an SMTP session at which a rule is asked. */
export const ruleStages = ['host', 'sender', 'recipient'] as const;
export type RuleStage = (typeof ruleStages)[number];

/** Replies are one line of printable characters, so that a rule can never write two lines on the wire. */
const printable = /^[\x20-\x7e]*$/;

const replySchema = z.strictObject({
  code: z.int('A whole number of three digits.'),
  /** RFC 3463; null for one that fits the code. */
  enhanced: z
    .string()
    .regex(/^[245]\.\d{1,3}\.\d{1,3}$/, 'Three numbers with dots, as in 5.1.1.')
    .nullable()
    .default(null),
  text: z
    .string()
    .min(1, 'Say something after the code.')
    .max(400, 'At most 400 characters.')
    .regex(printable, 'Only printable ASCII characters: the text is sent over the wire.'),
});

const count = (least: number, most: number): z.ZodInt => {
  const message = `A whole number from ${least} to ${most.toLocaleString('en')}.`;
  return z.int(message).min(least, message).max(most, message);
};
/** Characters of a pattern. */
const MAX_PATTERN = 1000;
const DAY = 24 * 60 * 60;

const common = {
  /** Stays the same while the rule is edited and moved. */
  id: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[\w-]+$/, 'Letters, digits, - and _ only.')
    // Every object has these already.
    .refine((id) => !(id in Object.prototype), 'Another word: this one means something to the program.'),
  enabled: z.boolean(),
  stage: z.enum(ruleStages),
  /** See {@link compilePattern}. */
  pattern: z.string().max(MAX_PATTERN, 'At most 1,000 characters.'),
  /** Why the rule is there. Told to a host that is denied; kept from everybody else. */
  reason: z
    .string()
    .max(400, 'At most 400 characters.')
    .regex(/^\P{Cc}*$/u, 'No control characters.'),
  /** A reply of the rule's own; null for the usual one, and where the action gives none. */
  reply: replySchema.nullable(),
};

const actions = ['allow', 'deny', 'defer', 'greylist', 'limit', 'delay', 'drop'] as const;

const variants = [
  z.strictObject({ ...common, action: z.literal('allow') }),
  /** For good: 5xx. */
  z.strictObject({ ...common, action: z.literal('deny') }),
  /** For now: 4xx. */
  z.strictObject({ ...common, action: z.literal('defer') }),
  /**
   * Defers the first attempts, or those of the first seconds, whichever is over first; then it allows. An attempt is
   * known by its host, sender and recipient, as far as the stage knows them.
   */
  z.strictObject({
    ...common,
    action: z.literal('greylist'),
    attempts: count(1, 1000).nullable(),
    seconds: count(1, 30 * DAY).nullable(),
  }),
  /** Allows `count` in any `seconds`, and defers what is more. */
  z.strictObject({ ...common, action: z.literal('limit'), count: count(1, 10_000), seconds: count(1, DAY) }),
  /** Allows, after so many seconds. */
  z.strictObject({
    ...common,
    action: z.literal('delay'),
    seconds: z
      .number('A number of seconds.')
      .min(0.1, 'At least 0.1 seconds.')
      .max(3600, 'At most an hour: 3,600 seconds.'),
  }),
  /** Closes the connection in place of the reply, or when half of it was sent. */
  z.strictObject({ ...common, action: z.literal('drop'), moment: z.enum(['before reply', 'amid reply']) }),
] as const;
const actionSchema = z.discriminatedUnion('action', variants, { error: `An action is one of ${actions.join(', ')}.` });
export type Rule = z.infer<typeof actionSchema>;
export type RuleAction = Rule['action'];

/** The first digit of a reply that fits the action; null where the action has no reply. */
const replyClass: Readonly<Record<RuleAction, 4 | 5 | null>> = {
  allow: null,
  deny: 5,
  defer: 4,
  greylist: 4,
  limit: 4,
  delay: null,
  drop: null,
};

const hasPattern = (value: unknown): value is Pick<Rule, 'stage' | 'pattern'> => {
  const { stage, pattern } = (value ?? {}) as Partial<Rule>;
  return typeof pattern === 'string' && pattern.length <= MAX_PATTERN && ruleStages.some((known) => known === stage);
};

/**
 * One line of the list that the user edits. The first enabled rule that matches decides.
 * The messages say what is wrong in words that can stand beside the field.
 */
export const ruleSchema = actionSchema
  .superRefine(
    ({ stage, pattern }, context) => {
      const compiled = compilePattern(stage, pattern);
      if ('error' in compiled) context.addIssue({ code: 'custom', path: ['pattern'], message: compiled.error });
      // Also where something else is wrong: all that is wrong is to be told at once.
    },
    { when: ({ value }) => hasPattern(value) },
  )
  .superRefine((rule, context) => {
    const refuse = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (rule.stage === 'host' && rule.action === 'deny' && !printable.test(rule.reason)) {
      refuse(['reason'], 'Only printable ASCII characters: this reason is sent over the wire.');
    }
    if (rule.action === 'greylist' && rule.attempts === null && rule.seconds === null) {
      refuse(['attempts'], 'How many attempts, or how many seconds, are put off?');
    }
    if (rule.reply === null) return;
    const digit = replyClass[rule.action];
    if (digit === null) return refuse(['reply'], 'Only a rule that refuses has a reply of its own.');
    const { code, enhanced } = rule.reply;
    if (Math.trunc(code / 100) !== digit) {
      const meaning = digit === 5 ? 'To refuse for good' : 'To refuse for now';
      refuse(['reply', 'code'], `${meaning}, a code starts with ${digit}: ${digit}00 to ${digit}99.`);
    } else if (enhanced !== null && !enhanced.startsWith(`${digit}.`)) {
      refuse(['reply', 'enhanced'], `It starts as the code does, with ${digit}.`);
    }
  });

const whatNoRuleMatches = z.enum(['allow', 'deny']);
/** What becomes of what no rule matches. */
export const ruleDefaultsSchema = z.strictObject({
  host: whatNoRuleMatches.default('allow'),
  sender: whatNoRuleMatches.default('allow'),
  recipient: whatNoRuleMatches.default('allow'),
});
export type RuleDefaults = z.infer<typeof ruleDefaultsSchema>;
