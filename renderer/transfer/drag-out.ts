import type { Transfers } from './transfers.svelte.ts';

/** Drags messages out of the window as files, in place of what the browser would drag. @param row the one that is under the mouse */
export async function dragOut(event: DragEvent, transfers: Transfers, row: number): Promise<void> {
  event.preventDefault();
  const mouse = { isHeld: true };
  addEventListener('pointerup', () => (mouse.isHeld = false), { capture: true, once: true });
  await transfers.drag(row, mouse);
}
