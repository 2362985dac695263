import { EventEmitter } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type {
  Calls,
  FieldError,
  RuleCheck,
  RuleForecast,
  RuleImport,
  RuleState,
  SaveResult,
} from '../preload/contract.ts';
import { changesBetween, readRules, writeRules } from './rules/exchange.ts';
import { RuleMemoryFile } from './rules/memory-file.ts';
import { replyOf, usualOf, wireText } from './rules/reply.ts';
import { type RuleSet, ruleListSchema, ruleSetSchema } from './rules/rule-set.ts';
import { type Rule, type RuleDefaults, ruleSchema } from './rules/rule.ts';
import { type Forecast, Rules } from './rules/rules.ts';
import { JsonFile } from './settings/json-file.ts';
import { type Path, nullPath, parsePath } from './smtp/path.ts';
import { plainAddress } from './smtp/server.ts';

/** Octets of the largest file of rules that is read. */
const MAX_FILE = 32 * 1024 * 1024;

export interface RuleBookEvents {
  /** Other rules hold. */
  changed: [state: RuleState];
}

/** The rules as they are kept: the list that holds, its files, and what the window may want to know of it. */
export class RuleBook extends EventEmitter<RuleBookEvents> {
  /** What decides. */
  readonly rules = new Rules();
  readonly #file: JsonFile<RuleSet>;
  readonly #memory: RuleMemoryFile;

  /**
   * Reads the rules, and what they remember.
   * @param folder where both are kept; an absolute path
   * @param onError what the rules remember could not be written
   * @throws Error when the folder cannot be read or written
   */
  constructor(folder: string, onError: (error: Error) => void) {
    super();
    this.#file = new JsonFile(folder, 'rules', ruleSetSchema);
    this.rules.replace(this.#file.value.rules, this.#file.value.defaults);
    const path = join(folder, 'rule-memory.json');
    // What is kept aside now may be mended.
    const known = (): { id: string }[] => [
      ...this.rules.list,
      ...this.#file.value.aside.flatMap(({ json }) => named(json)),
    ];
    this.#memory = new RuleMemoryFile(path, this.rules.memory, known, onError);
    this.rules.on('decided', this.#memory.touch);
  }

  /** Files that could not be read; mostly null. */
  get setAside(): { rules: JsonFile<RuleSet>['setAside']; memory: RuleMemoryFile['setAside'] } {
    return { rules: this.#file.setAside, memory: this.#memory.setAside };
  }

  get state(): RuleState {
    const { value } = this.#file;
    return { ...value, answers: Object.fromEntries(value.rules.map((rule) => [rule.id, answerOf(rule)])) };
  }

  /**
   * Puts a list in place of the one that holds, unless something is wrong with it.
   * @param list what the user edited: not yet known to be rules
   */
  save(list: readonly unknown[], defaults: RuleDefaults = this.#file.value.defaults): SaveResult {
    const checked = ruleListSchema.safeParse(list);
    if (!checked.success) return { saved: false, errors: fieldErrors(checked.error) };
    this.#keep({ ...this.#file.value, rules: checked.data, defaults });
    return { saved: true };
  }

  /** Deletes one of the rules that were put aside. @param index from 0 on */
  deleteAside(index: number): void {
    this.#keep({ ...this.#file.value, aside: this.#file.value.aside.toSpliced(index, 1) });
  }

  /** Begins a greylist or a limit anew. */
  forget(id: string): void {
    this.rules.memory.forget(id);
    this.#memory.touch();
  }

  /** @returns what a client would be answered; senders and recipients are typed with or without angle brackets */
  forecast({ host, sender, recipients }: Calls['rules.forecast']['argument']): Calls['rules.forecast']['result'] {
    const errors: FieldError[] = [];
    const remoteAddress = asSocketSays(host.trim().replace(/^\[(.*)\]$/, '$1'));
    if (remoteAddress === null)
      errors.push({ path: ['host'], message: 'An IP address; host names are not looked up.' });
    const read = (text: string, path: (string | number)[]): Path => {
      const parsed = parsePath(`<${text.trim().replace(/^<(.*)>$/, '$1')}>`);
      const isMissing = 'path' in parsed && parsed.path.mailbox === '' && path[0] !== 'sender';
      if ('path' in parsed && parsed.rest === '' && !isMissing) return parsed.path;
      const reason = 'error' in parsed ? parsed.error : isMissing ? 'it is empty' : 'something stands behind it';
      const hint = path.length > 1 ? ' Commas or line ends stand between addresses.' : '';
      errors.push({ path, message: `${text} is no address: ${reason}.${hint}` });
      return nullPath;
    };
    const reversePath = read(sender, ['sender']);
    const forwardPaths = recipients.map((text, index) => read(text, ['recipients', index]));
    if (remoteAddress === null || errors.length > 0) return { forecasts: [], errors };
    const forecasts = this.rules.forecast({ remoteAddress, reversePath, recipients: forwardPaths });
    const subjects = [remoteAddress, ...[reversePath, ...forwardPaths].map(({ mailbox }) => mailbox)];
    return { forecasts: forecasts.map((one, index) => describe(one, subjects[index] as string)), errors: [] };
  }

  /** Writes the rules into a file for others. @throws Error for people when it cannot be written */
  async exportTo(path: string): Promise<void> {
    await writeFile(path, writeRules(this.#file.value)).catch((error: unknown) => {
      throw new Error(`The rules could not be saved in ${dirname(path)}: ${(error as Error).message}`);
    });
  }

  /** Reads a file of rules, and changes nothing. @throws Error when it cannot be read */
  async readImport(path: string): Promise<RuleImport> {
    if ((await stat(path)).size > MAX_FILE) {
      return { path, errors: [{ place: '', message: 'It is larger than any list of rules: more than 32 MiB.' }] };
    }
    const current = this.#file.value;
    const read = readRules(await readFile(path, 'utf8'), current.rules);
    if ('errors' in read) return { path, errors: read.errors };
    return {
      path,
      rules: [...read.rules],
      defaults: read.defaults,
      changes: changesBetween(current, read),
      errors: null,
    };
  }

  /** Writes what the rules remember. Never rejects. */
  flush(): Promise<void> {
    return this.#memory.flush();
  }

  #keep(set: RuleSet): void {
    this.#file.set(set);
    this.rules.replace(set.rules, set.defaults);
    this.emit('changed', this.state);
  }
}

const named = (json: unknown): { id: string }[] =>
  typeof json === 'object' && json !== null && 'id' in json && typeof json.id === 'string' ? [{ id: json.id }] : [];

/** @returns an IP address in the form in which a socket has it; null when it is none */
function asSocketSays(address: string): string | null {
  const family = isIP(address);
  if (family === 0) return null;
  const plain = plainAddress(address);
  // The URL Standard writes IPv6 as RFC 5952 has it, as sockets do; a zone it does not know.
  if (isIP(plain) === 4 || address.includes('%')) return plain;
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(written);
  if (mapped === null) return written;
  const [high, low] = [parseInt(mapped[1] as string, 16), parseInt(mapped[2] as string, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Looks at a rule that is being edited. @param rule not yet known to be one */
export function checkRule(rule: Rule): RuleCheck {
  const checked = ruleSchema.safeParse(rule);
  const errors = checked.success ? [] : fieldErrors(checked.error);
  return { errors, answer: checked.success ? answerOf(checked.data) : null, usual: usualOf(rule) };
}

/** @returns what is wrong, with the places of the fields */
export const fieldErrors = (error: z.ZodError): FieldError[] =>
  error.issues.map(({ path, message }) => ({ path: path.filter((part) => typeof part !== 'symbol'), message }));

function answerOf(rule: Rule): string | null {
  const reply = replyOf(rule);
  return reply === null ? null : wireText(rule.stage, reply);
}

const outcomes = { allow: 'accepted', refuse: 'refused', drop: 'dropped' } as const;

const describe = ({ stage, verdict, passedOver }: Forecast, subject: string): RuleForecast => ({
  stage,
  subject,
  outcome: verdict === null ? 'not asked' : outcomes[verdict.outcome],
  reply: verdict?.outcome === 'refuse' ? wireText(stage, verdict.reply) : null,
  delay: verdict?.delay ?? 0,
  rule: verdict?.rule ?? null,
  passedOver,
});
