import type {
  AsideRule,
  Bridge,
  Decisions,
  FieldError,
  Rule,
  RuleDefaults,
  RuleImport,
  RuleStage,
  RuleState,
} from '../../preload/contract.ts';
import { formatCount } from '../format/format.ts';
import { draftOf, errorsInList, newDraft, type RuleDraft } from './draft.ts';
import { Forecast } from './forecast.svelte.ts';
import { RuleEditor } from './rule-editor.svelte.ts';
import { ordinal, plural } from './wording.ts';

/** What is edited, and can be brought back. */
interface Book {
  rules: Rule[];
  defaults: RuleDefaults;
}

/** Earlier lists that are kept. */
const MAX_PAST = 50;

/** The list of rules, what was changed of it, and the form that edits one of them. */
export class Rules {
  /** In the order in which they are asked. */
  list = $state.raw<Rule[]>([]);
  /** What becomes of what no rule matches. */
  defaults = $state.raw<RuleDefaults>({ host: 'allow', sender: 'allow', recipient: 'allow' });
  /** Rules that cannot be used. */
  aside = $state.raw<AsideRule[]>([]);
  /** By the rule's id: what is told by it. */
  answers = $state.raw<RuleState['answers']>({});
  /** By the rule's id: how often it decided. */
  decisions = $state.raw<Record<string, Decisions>>({});
  /** The form; null when it is closed. */
  editor = $state.raw<RuleEditor | null>(null);
  /** A file that was chosen, as long as the user looks at it. */
  chosen = $state.raw<RuleImport | null>(null);
  /** What was done last, in words. */
  said = $state('');
  readonly forecast: Forecast;

  readonly #bridge: Bridge;
  /** What the list was before each change, and what that change was. */
  #past = $state.raw<(Book & { change: string })[]>([]);
  /** Changes that are on their way. */
  #saving = 0;
  #isSavingDraft = false;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
    this.forecast = new Forecast(bridge);
    bridge.on('rules.changed', (state) => {
      this.answers = state.answers;
      this.aside = state.aside;
      // The echo of an earlier saving would take back a later change.
      if (this.#saving === 0) this.#take(state);
    });
    bridge.on('rules.decided', (decisions) => (this.decisions = decisions));
  }

  /** What the last change was, which can be undone; null where there was none. */
  get undoable(): string | null {
    return this.#past.at(-1)?.change ?? null;
  }

  async load(): Promise<void> {
    const [state, decisions] = await Promise.all([
      this.#bridge.call('rules.get', undefined),
      this.#bridge.call('rules.decisions', undefined),
    ]);
    this.#take(state);
    this.decisions = decisions;
  }

  byId(id: string): Rule | undefined {
    return this.list.find((rule) => rule.id === id);
  }

  /**
   * Opens the form for a new rule.
   * @param fields what stands in it
   * @param before the id of the rule that it goes before; `first`: at the top; without: at the end
   */
  open(fields: Partial<RuleDraft> = {}, before?: string): void {
    this.#edit(new RuleEditor(this.#bridge, newDraft(fields), true, before));
  }

  /** Opens the form for a rule of the list. */
  edit(rule: Rule): void {
    this.#edit(new RuleEditor(this.#bridge, draftOf(rule), false));
  }

  cancel(): void {
    this.editor = null;
  }

  /** Saves what the form holds and closes it; with errors it stays open as it is. */
  async save(): Promise<void> {
    const { editor } = this;
    if (editor === null || this.#isSavingDraft) return;
    this.#isSavingDraft = true;
    try {
      // What the rule is depends on the usual reply, which may still be on its way.
      await editor.look();
      await this.#saveRule(editor);
    } finally {
      this.#isSavingDraft = false;
    }
  }

  async setEnabled(rule: Rule, enabled: boolean): Promise<void> {
    const rules = this.list.map((other) => (other.id === rule.id ? { ...other, enabled } : other));
    const name = this.#name(rule);
    const state = enabled ? 'on' : 'off';
    await this.#change({ rules }, `switch ${name} ${state}`, `${sentence(name)} is ${state}.`);
  }

  /** @param by how many places down; negative: up */
  async move(rule: Rule, by: number): Promise<void> {
    await this.moveTo(rule, this.#indexOf(rule) + by);
  }

  /** @param index where it is to be, from 0 on */
  async moveTo(rule: Rule, index: number): Promise<void> {
    const rest = this.list.filter(({ id }) => id !== rule.id);
    const target = Math.min(Math.max(index, 0), rest.length);
    if (target === this.#indexOf(rule)) return;
    const name = this.#name(rule);
    const said = `${sentence(name)} is now ${ordinal(target + 1)} of ${formatCount(this.list.length)}.`;
    await this.#change({ rules: rest.toSpliced(target, 0, rule) }, `move ${name}`, said);
  }

  /** Puts the same once more behind it. */
  async duplicate(rule: Rule): Promise<Rule> {
    const index = this.#indexOf(rule);
    const copy: Rule = { ...rule, id: crypto.randomUUID() };
    const name = this.#name(rule);
    this.answers = { ...this.answers, [copy.id]: this.answers[rule.id] ?? null };
    const rules = this.list.toSpliced(index + 1, 0, copy);
    await this.#change(
      { rules },
      `duplicate ${name}`,
      `${sentence(name)} is there twice: also as ${nameOf(index + 1)}.`,
    );
    return copy;
  }

  async remove(rule: Rule): Promise<void> {
    const name = this.#name(rule);
    const rules = this.list.filter(({ id }) => id !== rule.id);
    await this.#change({ rules }, `delete ${name}`, `${sentence(name)} was deleted.`);
  }

  async setDefault(stage: RuleStage, value: RuleDefaults[RuleStage]): Promise<void> {
    const verb = value === 'allow' ? 'accept' : 'refuse';
    const who = `other ${plural[stage]}`;
    const defaults = { ...this.defaults, [stage]: value };
    await this.#change(
      { defaults },
      `${verb} ${who}`,
      `${sentence(who)} are ${verb}${value === 'allow' ? 'ed' : 'd'}.`,
    );
  }

  /** Takes back the last change. */
  async undo(): Promise<void> {
    const last = this.#past.at(-1);
    if (last === undefined) return;
    await this.#put(last, this.#past.slice(0, -1), `Undone: ${last.change}.`);
  }

  /** Begins a greylist or a limit anew. */
  async forget(rule: Rule): Promise<void> {
    await this.#bridge.call('rules.forget', { id: rule.id });
    this.said = `${sentence(this.#name(rule))} begins anew.`;
    await this.forecast.follow();
  }

  /** Deletes one of the rules that were put aside. @param index its place from 0 on */
  async deleteAside(index: number): Promise<void> {
    this.#saving += 1;
    try {
      await this.#bridge.call('rules.deleteAside', { index });
    } finally {
      this.#saving -= 1;
    }
    this.said = 'It is kept no longer.';
  }

  async export(): Promise<void> {
    const saved = await this.#bridge.call('rules.export', undefined);
    if (saved !== null) this.said = `Exported to ${saved.path}`;
  }

  /** Lets the user choose a file; what it would change is shown first. */
  async chooseFile(): Promise<void> {
    this.chosen = await this.#bridge.call('rules.import', undefined);
  }

  closeFile(): void {
    this.chosen = null;
  }

  /** Puts the rules of the chosen file in place of those that hold. */
  async import(): Promise<void> {
    const file = this.chosen;
    this.closeFile();
    if (file?.errors !== null) return;
    await this.#change(file, 'import', `Imported ${file.path}`);
  }

  #take({ rules, defaults, aside, answers }: RuleState): void {
    this.list = rules;
    this.defaults = defaults;
    this.aside = aside;
    this.answers = answers;
  }

  #edit(editor: RuleEditor): void {
    this.editor = editor;
    void editor.look();
  }

  async #saveRule(editor: RuleEditor): Promise<void> {
    const { rule } = editor;
    const known = this.#indexOf(rule);
    const index = known === -1 ? this.#placeBefore(editor.before) : known;
    const book = { rules: this.list.toSpliced(index, known === -1 ? 0 : 1, rule), defaults: this.defaults };
    const errors = await this.#send(book);
    if (errors.length > 0) {
      editor.refuse(errorsInList(errors, index));
      return;
    }
    this.#past = this.#pastWith(`${known === -1 ? 'add' : 'edit'} ${nameOf(index)}`);
    this.list = book.rules;
    this.said = `${sentence(nameOf(index))} was ${known === -1 ? 'added' : 'changed'}.`;
    if (this.editor === editor) this.editor = null;
  }

  #placeBefore(before: string | undefined): number {
    if (before === 'first') return 0;
    const place = this.list.findIndex(({ id }) => id === before);
    return place === -1 ? this.list.length : place;
  }

  #indexOf(rule: Rule): number {
    return this.list.findIndex(({ id }) => id === rule.id);
  }

  #name(rule: Rule): string {
    return nameOf(this.#indexOf(rule));
  }

  #pastWith(change: string): (Book & { change: string })[] {
    return [...this.#past.slice(1 - MAX_PAST), { rules: this.list, defaults: this.defaults, change }];
  }

  async #change(book: Partial<Book>, change: string, said: string): Promise<void> {
    const { rules = this.list, defaults = this.defaults } = book;
    await this.#put({ rules, defaults }, this.#pastWith(change), said);
  }

  /** A change without the form: shown at once, so that the next one builds on it; taken back when it did not hold. */
  async #put({ rules, defaults }: Book, past: (Book & { change: string })[], said: string): Promise<void> {
    const before = this.#past;
    this.list = rules;
    this.defaults = defaults;
    this.#past = past;
    this.said = said;
    try {
      const errors = await this.#send({ rules, defaults });
      if (errors.length > 0) throw new Error(errorsInList(errors, -1).whole);
    } catch (error) {
      this.#past = before;
      this.said = '';
      await this.load();
      throw error;
    }
  }

  async #send({ rules, defaults }: Book): Promise<FieldError[]> {
    this.#saving += 1;
    try {
      const result = await this.#bridge.call('rules.save', { rules, defaults });
      return result.saved ? [] : result.errors;
    } finally {
      this.#saving -= 1;
    }
  }
}

/** @returns `rule 3` */
const nameOf = (index: number): string => `rule ${formatCount(index + 1)}`;

/** As a sentence begins. */
const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
