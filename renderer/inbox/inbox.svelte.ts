import type { Bridge, MessageSummary } from '../../preload/contract.ts';
import { PagedList, type RowReader } from '../list/paged-list.svelte.ts';

/** The list of messages. */
export class Inbox extends PagedList<MessageSummary> {
  constructor(bridge: Bridge, reader: RowReader<MessageSummary>, sideBySide: { readonly current: boolean }) {
    super(
      {
        page: async (before, limit) => {
          const { messages, counts } = await bridge.call('messages.list', { before, limit });
          return { rows: messages, counts };
        },
        listen: (hear) => bridge.on('messages.changed', hear),
        markRead: (ids, read) => bridge.call('messages.markRead', { ids, read }),
        delete: (ids) => bridge.call('messages.delete', { ids }),
        deleteAll: (through) => bridge.call('messages.deleteAll', { through }),
      },
      reader,
      sideBySide,
    );
  }
}
