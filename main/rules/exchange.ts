import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { ruleListSchema } from './rule-set.ts';
import { type Rule, type RuleDefaults, ruleDefaultsSchema, ruleSchema } from './rule.ts';

/** A list of rules with what becomes of the rest. */
export interface RuleBook {
  rules: readonly Rule[];
  defaults: RuleDefaults;
}

/** What a list would change that takes the place of another. */
export interface RuleChanges {
  added: Rule[];
  changed: { from: Rule; to: Rule }[];
  removed: Rule[];
  /** Rules that stay as they are. */
  kept: number;
  /** Whether those that stay come in another order. */
  isReordered: boolean;
  areDefaultsChanged: boolean;
}

/** What a file for others holds. Ids may be left out by those who write one by hand. */
export const ruleFileSchema = z.strictObject({
  /** For editors; not looked at. */
  $schema: z.string().optional(),
  rules: z.array(z.unknown()),
  defaults: ruleDefaultsSchema.prefault({}),
});

/** The JSON Schema (https://json-schema.org) of a file of rules. Patterns, and what goes with which action, are checked beyond it. */
export function ruleFileJsonSchema(): unknown {
  const options = { io: 'input', target: 'draft-2020-12' } as const;
  const rule = z.toJSONSchema(ruleSchema, options) as { $schema?: string; oneOf: { required: string[] }[] };
  delete rule.$schema;
  for (const variant of rule.oneOf) variant.required = variant.required.filter((name) => !optional.has(name));
  const file = z.toJSONSchema(ruleFileSchema, options) as { properties: Record<string, object> };
  file.properties['rules'] = { type: 'array', items: rule };
  return { title: 'Rules of Mailmitt', ...file };
}

/** What a rule in a file may leave out, and what it means then. */
const implied: Readonly<Record<string, unknown>> = { enabled: true, reason: '', reply: null };
const optional: ReadonlySet<string> = new Set(['id', ...Object.keys(implied)]);

/** @returns the text of a file of rules */
export const writeRules = ({ rules, defaults }: RuleBook): string =>
  `${JSON.stringify({ defaults, rules }, undefined, 2)}\n`;

/**
 * Reads a file of rules: all of it, or nothing.
 * @param current the rules that hold: one without an id that is like one of them takes over its id
 * @returns the rules; or what is wrong, with places such as `rules[3].reply.code`
 */
export function readRules(
  text: string,
  current: readonly Rule[],
): RuleBook | { errors: { place: string; message: string }[] } {
  let json: unknown;
  try {
    // Some editors begin a file with a byte order mark.
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    return { errors: [{ place: '', message: `It is no JSON: ${(error as Error).message}` }] };
  }
  const file = ruleFileSchema.safeParse(json);
  if (!file.success) return { errors: placed(file.error, []) };
  const complete = file.data.rules.map((entry, index) =>
    isObject(entry) ? { ...implied, id: `${NEW}${index}`, ...entry } : entry,
  );
  const rules = ruleListSchema.safeParse(complete);
  if (!rules.success) return { errors: placed(rules.error, ['rules']) };
  return { rules: withIds(rules.data, current), defaults: file.data.defaults };
}

/** What the id of a rule begins with that has none in the file. */
const NEW = 'new-';

/** Gives those their ids that have none: that of a rule like them which is not in the file, or a new one. */
function withIds(rules: readonly Rule[], current: readonly Rule[]): Rule[] {
  const named = new Set(rules.map(({ id }) => id));
  const free = Map.groupBy(
    current.filter(({ id }) => !named.has(id)),
    content,
  );
  return rules.map((rule) => {
    if (!rule.id.startsWith(NEW)) return rule;
    return { ...rule, id: free.get(content(rule))?.shift()?.id ?? randomUUID() };
  });
}

/** What a rule says, whatever it is called. */
const content = (rule: Rule): string => JSON.stringify(Object.entries({ ...rule, id: '' }).sort());

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function placed(error: z.ZodError, before: PropertyKey[]): { place: string; message: string }[] {
  return error.issues.map(({ path, message }) => {
    const steps = [...before, ...path].map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
    return { place: steps.join('').replace(/^\./, ''), message };
  });
}

/** @returns what putting `to` in place of `from` would do; rules are the same that have the same id */
export function changesBetween(from: RuleBook, to: RuleBook): RuleChanges {
  const before = new Map(from.rules.map((rule) => [rule.id, rule]));
  const after = new Map(to.rules.map((rule) => [rule.id, rule]));
  const changes: RuleChanges = {
    added: to.rules.filter(({ id }) => !before.has(id)),
    changed: [],
    removed: from.rules.filter(({ id }) => !after.has(id)),
    kept: 0,
    isReordered: false,
    areDefaultsChanged: !isDeepStrictEqual(from.defaults, to.defaults),
  };
  for (const rule of to.rules) {
    const old = before.get(rule.id);
    if (old === undefined) continue;
    if (isDeepStrictEqual(old, rule)) changes.kept += 1;
    else changes.changed.push({ from: old, to: rule });
  }
  const common = (rules: readonly Rule[], others: ReadonlyMap<string, Rule>): string[] =>
    rules.map(({ id }) => id).filter((id) => others.has(id));
  changes.isReordered = !isDeepStrictEqual(common(from.rules, after), common(to.rules, before));
  return changes;
}
