import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';

/** Something that happened and that the user should know. */
export interface Notice {
  id: string;
  /** What happened. */
  title: string;
  /** What was kept, and what to do. */
  detail: string;
}

/** What was told to the user and not dismissed yet. */
export class Notices extends EventEmitter<{ changed: [notices: Notice[]] }> {
  #list: Notice[] = [];

  get list(): Notice[] {
    return this.#list;
  }

  /** Tells it, unless the same stands there already. */
  add(title: string, detail: string): void {
    if (this.#list.some((notice) => notice.title === title && notice.detail === detail)) return;
    this.#set([...this.#list, { id: randomUUID(), title, detail }]);
  }

  dismiss(id: string): void {
    this.#set(this.#list.filter((notice) => notice.id !== id));
  }

  #set(list: Notice[]): void {
    this.#list = list;
    this.emit('changed', list);
  }
}
