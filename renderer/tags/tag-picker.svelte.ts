import type { TagSummary } from '../../preload/contract.ts';
import type { Inbox } from '../inbox/inbox.svelte.ts';
import { nameOf, type Tags } from './tags.svelte.ts';

/** Something that can be picked. `mixed`: some of the messages have the tag. */
export type TagOption = { tag: TagSummary; state: boolean | 'mixed' } | { create: string };

/** Puts tags on what is selected, and takes them off. */
export class TagPicker {
  /** What it stands beside; null while it is closed. */
  anchor = $state.raw<HTMLElement | null>(null);
  /** The button in sight that opens it; what it stands beside when a key does. */
  button: HTMLElement | null = null;

  #typed = $state('');
  #index = $state(0);
  readonly #tags: Tags;
  readonly #inbox: Inbox;

  constructor(tags: Tags, inbox: Inbox) {
    this.#tags = tags;
    this.#inbox = inbox;
  }

  /** Opens it where there is something to tag; closes it where it stands already. */
  open(anchor = this.button ?? this.#inbox.view?.reveal() ?? null): void {
    if (this.anchor === anchor || this.#inbox.selection.target === null) {
      this.close();
      return;
    }
    this.typed = '';
    this.anchor = anchor;
  }

  close(): void {
    this.anchor = null;
  }

  /** What is looked for, or to be made. */
  get typed(): string {
    return this.#typed;
  }

  set typed(text: string) {
    this.#typed = text;
    this.#index = 0;
  }

  /** The tags that what is typed fits: first those that begin so; last a new one. */
  get options(): TagOption[] {
    const name = nameOf(this.#typed);
    const wanted = name.toLowerCase();
    const placeOf = (tag: TagSummary): number => tag.name.toLowerCase().indexOf(wanted);
    const fitting = this.#tags.list
      .filter((tag) => placeOf(tag) !== -1)
      .sort((a, b) => Number(placeOf(a) > 0) - Number(placeOf(b) > 0));
    const isNew = wanted !== '' && !fitting.some((tag) => tag.name.toLowerCase() === wanted);
    return [...fitting.map((tag) => ({ tag, state: this.#stateOf(tag) })), ...(isNew ? [{ create: name }] : [])];
  }

  /** The place of the option that Enter picks. */
  get index(): number {
    return Math.max(0, Math.min(this.#index, this.options.length - 1));
  }

  /** @param by how many options down (negative: up); beyond one end is the other */
  move(by: number): void {
    const { length } = this.options;
    if (length > 0) this.#index = (this.index + by + length) % length;
  }

  /** Puts a tag on all that is selected, or takes it off where all of it has it; makes it first where it is new. */
  async pick(option = this.options[this.index]): Promise<void> {
    const { target } = this.#inbox.selection;
    if (option === undefined || target === null) return;
    if (this.typed !== '') this.typed = '';
    if ('create' in option) await this.#tags.set(target, await this.#tags.create(option.create), true);
    else await this.#tags.set(target, option.tag.id, option.state !== true);
  }

  /** As far as the rows are loaded that it is about. */
  #stateOf({ id }: TagSummary): boolean | 'mixed' {
    const { targetRows } = this.#inbox.selection;
    const count = targetRows.filter(({ tags }) => tags.includes(id)).length;
    return count === 0 ? false : count === targetRows.length ? true : 'mixed';
  }
}
