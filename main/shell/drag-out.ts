import { mkdir, rm } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { type WebContents, nativeImage } from 'electron';
import icon from './icons/mailmitt.png?asset';

/** Octets of messages that are dragged together: they are written before the drag can begin. */
const MAX_SIZE = 100 * 1024 * 1024;

interface Sizes {
  summaries(ids: number[]): Promise<{ size: number }[]>;
}

interface Spreader {
  /** Writes each message into a file of its own. @returns the files' paths */
  spread(ids: number[], folder: string): Promise<string[]>;
}

/**
 * Lets messages be dragged out of the window, as the files that other programs want. They lie in a folder of the app's own:
 * what others can write to, as the system's temporary folder, others could have prepared.
 */
export class DragOut {
  readonly #folder: string;
  readonly #sizes: Sizes;
  readonly #spreader: Spreader;
  readonly #page: () => WebContents | null;
  /** When what an earlier run left is gone. */
  readonly #cleared: Promise<void>;
  #lastNumber = 0;
  #prepared: { number: number; files: string[] } | null = null;

  /**
   * @param folder is emptied
   * @param page that they are dragged from, while there is one
   */
  constructor(folder: string, sizes: Sizes, spreader: Spreader, page: () => WebContents | null) {
    this.#folder = folder;
    this.#sizes = sizes;
    this.#spreader = spreader;
    this.#page = page;
    this.#cleared = this.clear();
    // Whoever prepares a drag is told.
    this.#cleared.catch(() => undefined);
  }

  /**
   * Writes the files.
   * @returns a number for {@link start}
   * @throws Error when they cannot be written, or would be too large
   */
  async prepare(ids: number[]): Promise<number> {
    const number = ++this.#lastNumber;
    const sizes = await this.#sizes.summaries(ids);
    if (sizes.reduce((sum, { size }) => sum + size, 0) > MAX_SIZE) {
      throw new Error('These messages are too large to be dragged. Save or export them instead.');
    }
    await this.#cleared;
    const folder = this.#folderOf(number);
    await mkdir(folder, { recursive: true });
    const files = await this.#spreader.spread(ids, folder);
    this.#prepared = { number, files };
    // Those of the drag before may still be read by whom they were dropped on.
    await rm(this.#folderOf(number - 2), { recursive: true, force: true });
    return number;
  }

  /** Begins the drag, unless another one was prepared meanwhile. The mouse has to be held down. */
  start(number: number): void {
    const [file = '', ...others] = this.#prepared?.number === number ? this.#prepared.files : [];
    if (file === '') return;
    const image = nativeImage.createFromPath(icon).resize({ width: 32 });
    this.#page()?.startDrag({ file, files: [file, ...others], icon: image });
  }

  /** Whether a file is one of those. */
  holds(path: string): boolean {
    const inside = relative(this.#folder, path);
    return inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
  }

  /** Removes the files. */
  async clear(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #folderOf(number: number): string {
    return join(this.#folder, String(number));
  }
}
