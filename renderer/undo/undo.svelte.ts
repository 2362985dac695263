/** Milliseconds for which the main process can undo something, and for which that is offered in sight. */
const UNDO_TIME = 60_000;
const SHOWN_TIME = 30_000;

/** What was done last and can be undone. */
export class Undo {
  /** What was done, as a sentence; null where it is not told, or no longer. */
  said = $state<string | null>(null);

  #undo: (() => Promise<void>) | null = null;
  #hiding: ReturnType<typeof setTimeout> | undefined;
  #forgetting: ReturnType<typeof setTimeout> | undefined;

  /** Something was done; what was done before it is undone no more. */
  offer(said: string, undo: () => Promise<void>): void {
    this.#forget();
    this.said = said;
    this.#undo = undo;
    this.#hiding = setTimeout(() => this.dismiss(), SHOWN_TIME);
    this.#forgetting = setTimeout(() => this.#forget(), UNDO_TIME);
  }

  /** Tells of it no longer; the keys still undo it. */
  dismiss(): void {
    this.said = null;
  }

  /** @throws Error when it is too late */
  async undo(): Promise<void> {
    const undo = this.#undo;
    this.#forget();
    await undo?.();
  }

  #forget(): void {
    clearTimeout(this.#hiding);
    clearTimeout(this.#forgetting);
    this.said = null;
    this.#undo = null;
  }
}
