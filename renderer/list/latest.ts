/** Does one thing at a time; of several that are wanted meanwhile, only the last. */
export class Latest<Wanted> {
  readonly #act: (wanted: Wanted) => Promise<void>;
  #next: { wanted: Wanted } | null = null;
  #isActing = false;

  constructor(act: (wanted: Wanted) => Promise<void>) {
    this.#act = act;
  }

  /**
   * Does it as soon as what is under way is done, unless something else is wanted by then.
   * @throws what any of them throws, to who wanted the first; the rest is forgotten then
   */
  async want(wanted: Wanted): Promise<void> {
    this.#next = { wanted };
    if (this.#isActing) return;
    this.#isActing = true;
    try {
      for (let next = this.#take(); next !== null; next = this.#take()) await this.#act(next.wanted);
    } finally {
      this.#isActing = false;
      this.#next = null;
    }
  }

  /** What was wanted and not begun is wanted no longer. */
  forget(): void {
    this.#next = null;
  }

  #take(): { wanted: Wanted } | null {
    const next = this.#next;
    this.#next = null;
    return next;
  }
}
