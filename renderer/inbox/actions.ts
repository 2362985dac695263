import Star from '@lucide/svelte/icons/star';
import { type Action, listActions } from '../list/actions.ts';
import type { Inbox } from './inbox.svelte.ts';

/** What can be done to messages that are selected. */
export function messageActions(inbox: Inbox): Action[] {
  const { markRead, markUnread, delete: deleteAction, clear } = listActions(inbox);
  return [
    markRead,
    markUnread,
    { label: 'Star', icon: Star, keys: ['s'], act: () => inbox.toggleStar() },
    deleteAction,
    clear,
  ];
}
