import type { LucideIcon } from '@lucide/svelte';
import Mail from '@lucide/svelte/icons/mail';
import MailOpen from '@lucide/svelte/icons/mail-open';
import Trash from '@lucide/svelte/icons/trash-2';
import X from '@lucide/svelte/icons/x';
import type { PagedList } from './paged-list.svelte.ts';
import type { ListRow } from './rows.ts';

/** Something that can be done to what is selected, by a button or a key. */
export interface Action {
  label: string;
  icon: LucideIcon;
  /** Each does it, as `shortcutOf` tells them; people are told of the first. */
  keys: readonly [string, ...string[]];
  /** @param button the one that was pressed, if it was one */
  act: (button?: HTMLElement) => Promise<void> | void;
}

/** What can be done in every list. */
export function listActions<Row extends ListRow>(
  list: PagedList<Row>,
): Record<'markRead' | 'markUnread' | 'delete' | 'clear', Action> {
  const mark = async (read: boolean): Promise<void> => {
    const { target } = list.selection;
    if (target !== null) await list.markRead(target, read);
  };
  return {
    markRead: { label: 'Mark read', icon: MailOpen, keys: ['Shift+i'], act: () => mark(true) },
    markUnread: { label: 'Mark unread', icon: Mail, keys: ['Shift+u'], act: () => mark(false) },
    delete: {
      label: 'Delete',
      icon: Trash,
      keys: ['Delete', 'Backspace'],
      act: async () => {
        const { target } = list.selection;
        if (target !== null) await list.delete(target);
      },
    },
    clear: {
      label: 'Clear selection',
      icon: X,
      keys: ['Escape'],
      act: async () => {
        if (list.selection.isSeveral) await list.selection.one();
      },
    },
  };
}
