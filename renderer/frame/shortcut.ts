/** Where a key is a character, or where something else has the keyboard. */
const elsewhere = 'input:not([type="checkbox"]), textarea, select, [contenteditable], [role$="dialog"], [role="menu"]';

/**
 * The key that was pressed, as ARIA writes it: `s`, `Shift+i`, `Control+z` (also for the Mac's own key), `Delete`.
 * @returns null where somebody writes, or where another part of the window has dealt with it
 */
export function shortcutOf(event: KeyboardEvent): string | null {
  if (event.defaultPrevented || event.isComposing || event.altKey) return null;
  if (event.target instanceof Element && event.target.closest(elsewhere) !== null) return null;
  const { key } = event;
  // Whether it takes Shift to write another character depends on the keyboard.
  const isShifted = event.shiftKey && (key.length > 1 || key.toLowerCase() !== key.toUpperCase());
  return [
    ...(event.ctrlKey || event.metaKey ? ['Control'] : []),
    ...(isShifted ? ['Shift'] : []),
    key.length === 1 ? key.toLowerCase() : key,
  ].join('+');
}
