/** Milliseconds for which the main process can undo something, and for which that is offered in sight. */
const UNDO_TIME = 60_000;
const SHOWN_TIME = 30_000;

interface Offer {
  /** What was done, as a sentence. */
  said: string;
  undo: () => Promise<void>;
  /** Milliseconds since the epoch. */
  at: number;
}

const canBeUndone = ({ at }: Offer): boolean => Date.now() - at < UNDO_TIME;

/** What was done and can be undone: the last first. */
export class Undo {
  /** What was done last and is not undone, as a sentence; null where it is not told, or no longer. */
  said = $state<string | null>(null);

  #offers: Offer[] = [];
  #hiding: ReturnType<typeof setTimeout> | undefined;

  /** Something was done. @param isFinal whether what was done before it can be undone no more */
  offer(said: string, undo: () => Promise<void>, isFinal = false): void {
    const offer = { said, undo, at: Date.now() };
    this.#offers = isFinal ? [offer] : [...this.#offers.filter(canBeUndone), offer];
    this.#tell();
  }

  /** Tells of it no longer; the keys still undo it. */
  dismiss(): void {
    clearTimeout(this.#hiding);
    this.said = null;
  }

  /** Undoes what was done last, and then offers what was done before that. @throws Error when it is too late */
  async undo(): Promise<void> {
    const offer = this.#offers.pop();
    this.#tell();
    if (offer !== undefined && canBeUndone(offer)) await offer.undo();
  }

  #tell(): void {
    this.dismiss();
    const last = this.#offers.at(-1);
    const rest = last === undefined ? 0 : last.at + SHOWN_TIME - Date.now();
    if (last === undefined || rest <= 0) return;
    this.said = last.said;
    this.#hiding = setTimeout(() => this.dismiss(), rest);
  }
}
