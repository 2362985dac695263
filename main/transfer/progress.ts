import type { Progress } from './protocol.ts';

/** Milliseconds between two reports. */
const INTERVAL = 100;
/** Problems that are told one by one. */
const MAX_PROBLEMS = 100;

/** How far a transfer is: kept here, and told now and then. */
export class ProgressReport {
  readonly #tell: (progress: Progress) => void;
  readonly #progress: Progress = { messages: 0, fraction: null, problems: [], problemCount: 0 };
  #toldAt = -Infinity;

  constructor(tell: (progress: Progress) => void) {
    this.#tell = tell;
  }

  get now(): Progress {
    return this.#progress;
  }

  /** A message is through. */
  message(): void {
    this.#progress.messages++;
    this.#changed();
  }

  /** So much of all there is is through. */
  reached(done: number, total: number): void {
    this.#progress.fraction = total === 0 ? 1 : Math.min(1, done / total);
    this.#changed();
  }

  /** Something is left out. @param reason a sentence */
  problem(name: string, reason: string): void {
    const { problems } = this.#progress;
    if (problems.length < MAX_PROBLEMS) problems.push({ name, reason });
    this.#progress.problemCount++;
    this.#changed();
  }

  #changed(): void {
    const now = performance.now();
    if (now - this.#toldAt < INTERVAL) return;
    this.#toldAt = now;
    this.#tell(this.#progress);
  }
}
