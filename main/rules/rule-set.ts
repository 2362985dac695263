import { z } from 'zod';
import { type Rule, ruleDefaultsSchema, ruleSchema } from './rule.ts';

/** A rule that this version cannot use: it is kept, and shown. */
export interface AsideRule {
  /** As it stands in the file. */
  json: unknown;
  /** Why it cannot be used. */
  reason: string;
}

const asideSchema: z.ZodType<AsideRule> = z.strictObject({ json: z.unknown(), reason: z.string() });

/** Rules of a list. */
export const MAX_RULES = 10_000;

/** The first of what is wrong, with its place. */
function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  const place = issue?.path.join('.') ?? '';
  return place === '' ? (issue?.message ?? '') : `${place}: ${issue?.message ?? ''}`;
}

/**
 * The file that the rules are kept in. Rules in it that do not fit, as an older or newer version may have written them,
 * are put aside and do not keep the others from being read.
 */
export const ruleSetSchema = z
  .strictObject({
    rules: z.array(z.unknown()).default([]),
    defaults: ruleDefaultsSchema.prefault({}),
    aside: z.array(asideSchema).default([]),
  })
  .transform(({ rules: entries, defaults, aside }) => {
    const rules: Rule[] = [];
    const unusable = [...aside];
    const ids = new Set<string>();
    for (const json of entries) {
      const checked = ruleSchema.safeParse(json);
      if (!checked.success) unusable.push({ json, reason: firstIssue(checked.error) });
      else if (ids.has(checked.data.id)) unusable.push({ json, reason: `id: another rule is ${checked.data.id}` });
      else rules.push(checked.data);
      if (checked.success) ids.add(checked.data.id);
    }
    return { rules, defaults, aside: unusable };
  });
export type RuleSet = z.infer<typeof ruleSetSchema>;

/** A whole list, as the user edits it: everything in it has to fit. */
export const ruleListSchema = z
  .array(ruleSchema)
  .max(MAX_RULES, `At most ${MAX_RULES.toLocaleString('en')} rules.`)
  .superRefine((rules, context) => {
    const seen = new Set<string>();
    for (const [index, { id }] of rules.entries()) {
      if (seen.has(id))
        context.addIssue({ code: 'custom', path: [index, 'id'], message: `There are two rules ${id}.` });
      seen.add(id);
    }
  });
