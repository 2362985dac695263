import type { Bridge, RefusedSummary } from '../../preload/contract.ts';
import type { ChosenRows } from '../list/chosen.ts';
import { PagedList } from '../list/paged-list.svelte.ts';
import type { RowReader } from '../list/selection.svelte.ts';

/** Sessions that are asked for at a time, to mark all of them. */
const AT_ONCE = 500;

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
        markRead: async (sessions, read) => {
          for await (const ids of idsOf(bridge, sessions)) await bridge.call('refused.markRead', { ids, read });
        },
        delete: async (sessions) => {
          if ('ids' in sessions) await bridge.call('refused.delete', sessions);
          else await bridge.call('refused.deleteAll', { through: sessions.through });
          return null;
        },
      },
      reader,
      sideBySide,
    );
  }
}

/** The sessions that are chosen, part by part: only by their ids can they be marked. */
async function* idsOf(bridge: Bridge, chosen: ChosenRows): AsyncGenerator<number[]> {
  if ('ids' in chosen) {
    yield chosen.ids;
    return;
  }
  for (let before = chosen.through + 1; ;) {
    const { sessions } = await bridge.call('refused.list', { before, limit: AT_ONCE });
    if (sessions.length > 0) yield sessions.map(({ id }) => id);
    if (sessions.length < AT_ONCE) return;
    before = sessions.at(-1)?.id ?? 0;
  }
}
