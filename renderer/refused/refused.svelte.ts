import type { Bridge, RefusedSummary } from '../../preload/contract.ts';
import { PagedList, type RowReader } from '../list/paged-list.svelte.ts';

/** The list of sessions in which something was refused. */
export class Refused extends PagedList<RefusedSummary> {
  constructor(bridge: Bridge, reader: RowReader<RefusedSummary>, sideBySide: { readonly current: boolean }) {
    super(
      {
        page: async (before, limit) => {
          const { sessions, counts } = await bridge.call('refused.list', { before, limit });
          return { rows: sessions, counts };
        },
        listen: (hear) => bridge.on('refused.changed', hear),
        markRead: (ids, read) => bridge.call('refused.markRead', { ids, read }),
        delete: (ids) => bridge.call('refused.delete', { ids }),
        deleteAll: (through) => bridge.call('refused.deleteAll', { through }),
      },
      reader,
      sideBySide,
    );
  }
}
