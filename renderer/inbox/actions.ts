import Star from '@lucide/svelte/icons/star';
import Tag from '@lucide/svelte/icons/tag';
import { type Action, listActions } from '../list/actions.ts';
import type { TagPicker } from '../tags/tag-picker.svelte.ts';
import type { Inbox } from './inbox.svelte.ts';

/** What can be done to messages that are selected. */
export function messageActions(inbox: Inbox, picker: TagPicker): Action[] {
  const { markRead, markUnread, delete: deleteAction, clear } = listActions(inbox);
  return [
    markRead,
    markUnread,
    { label: 'Star', icon: Star, keys: ['s'], act: () => inbox.toggleStar() },
    { label: 'Tag…', icon: Tag, keys: ['t'], act: (button) => picker.open(button) },
    deleteAction,
    clear,
  ];
}
