import type { TagColor, TagSummary } from '../../preload/contract.ts';

/** The colours by name, in the order in which they are given out. */
export const colorNames: Readonly<Record<TagColor, string>> = {
  blue: 'Blue',
  purple: 'Purple',
  teal: 'Teal',
  green: 'Green',
  yellow: 'Yellow',
  orange: 'Orange',
  red: 'Red',
  grey: 'Grey',
};

export const colors = Object.keys(colorNames) as TagColor[];

/** The next colour in turn: the first of those that the fewest tags have. */
export function nextColor(tags: readonly Pick<TagSummary, 'color'>[]): TagColor {
  const uses = (color: TagColor): number => tags.filter((tag) => tag.color === color).length;
  return colors.reduce((least, color) => (uses(color) < uses(least) ? color : least));
}
