import { formatCount, formatCounted } from '../format/format.ts';
import type { PagedList } from './paged-list.svelte.ts';
import type { ListRow } from './rows.ts';

/**
 * How much is selected: `12 messages selected`, `All 1,204 messages selected`.
 * @param one what one of them is: `message`
 */
export function formatSelected<Row extends ListRow>(
  { rows, selection }: Pick<PagedList<Row>, 'rows' | 'selection'>,
  one: string,
): string {
  const { count, isAll } = selection;
  if (count === null) return `All ${formatCount(rows.length)}+ ${one}s selected`;
  return `${isAll && count > 1 ? 'All ' : ''}${formatCounted(count, one)} selected`;
}
