const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Numbers as if by chance, the same for the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Seeds that follow each other begin far apart.
    this.#state = Math.imul(seed + 1, 0x9e3779b1);
  }

  /** @returns from 0 up to, and without, 1 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** @returns a whole number from 0 up to, and without, `limit` */
  below(limit: number): number {
    return Math.floor(limit * this.next());
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** @param spread two of three are within e ** spread of the median: times it, or by it */
  logNormal(median: number, spread: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return median * Math.exp(spread * normal);
  }

  digits(count: number): string {
    return String(this.below(10 ** count)).padStart(count, '0');
  }

  /** @returns what stands in links to tell who followed them: characters of base64url */
  token(length: number): string {
    let text = '';
    for (let index = 0; index < length; index++) text += BASE64URL.charAt(this.below(64));
    return text;
  }
}
