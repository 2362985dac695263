import { z } from 'zod';
import { compilePattern } from './pattern.ts';

/** The point of an SMTP session at which a rule is asked. */
export const ruleStages = ['host', 'sender', 'recipient'] as const;
export type RuleStage = (typeof ruleStages)[number];

export const ruleActions = ['allow', 'deny'] as const;
export type RuleAction = (typeof ruleActions)[number];

/** Replies are one line of printable characters, so that a rule can never write two lines on the wire. */
const printable = /^[\x20-\x7e]*$/;

/**
 * One line of the list that the user edits. The first enabled rule that matches decides.
 * The refinements say what is wrong in words that can stand beside the field.
 */
export const ruleSchema = z
  .strictObject({
    /** Stays the same while the rule is edited and moved. */
    id: z.string().min(1).max(64),
    enabled: z.boolean(),
    stage: z.enum(ruleStages),
    pattern: z.string().max(1000),
    action: z.enum(ruleActions),
    /** Told to a refused host; kept from a refused sender or recipient. */
    reason: z
      .string()
      .max(400, 'At most 400 characters.')
      .regex(printable, 'Only printable ASCII characters: the reason is sent over the wire.'),
    /** A reply of the rule's own; null for the stage's usual one. */
    reply: z
      .strictObject({
        code: z
          .int('A whole number from 500 to 599.')
          .min(500, 'A refusal starts with 5: 500 to 599.')
          .max(599, 'A refusal starts with 5: 500 to 599.'),
        text: z
          .string()
          .min(1, 'Say something after the code.')
          .max(400, 'At most 400 characters.')
          .regex(printable, 'Only printable ASCII characters: the text is sent over the wire.'),
      })
      .nullable(),
  })
  .superRefine((rule, context) => {
    const compiled = compilePattern(rule.stage, rule.pattern);
    if ('error' in compiled) context.addIssue({ code: 'custom', path: ['pattern'], message: compiled.error });
    if (rule.action === 'allow' && rule.reply !== null) {
      context.addIssue({ code: 'custom', path: ['reply'], message: 'A rule that allows has no reply of its own.' });
    }
  });
export type Rule = z.infer<typeof ruleSchema>;

/** The file that the rules are kept in. */
export const ruleListSchema = z.strictObject({ rules: z.array(ruleSchema).default([]) });
export type RuleList = z.infer<typeof ruleListSchema>;
