import { createHash } from 'node:crypto';

/** Choices that come again with the same seed. */
export class Random {
  readonly #seed: string;
  #count = 0;

  /** @param seed whatever tells this row of choices from others */
  constructor(...seed: (string | number)[]) {
    this.#seed = seed.join(' ');
  }

  /** @returns a number from 0 up to, but not with, 1 */
  fraction(): number {
    const digest = createHash('sha256').update(`${this.#seed} ${this.#count++}`).digest();
    return digest.readUInt32LE() / 2 ** 32;
  }

  /** @returns a whole number, each as likely; `from` and `to` are among them */
  integer(from: number, to: number): number {
    return from + Math.floor(this.fraction() * (to - from + 1));
  }

  /** @returns one of them; undefined where there is none */
  pick<T>(list: readonly T[]): T | undefined {
    return list[this.integer(0, list.length - 1)];
  }

  /** @returns so many of them at most, none twice */
  some<T>(list: readonly T[], count: number): T[] {
    return [...new Set(Array.from({ length: list.length === 0 ? 0 : count }, () => this.pick(list) as T))];
  }
}
