import type { Transfer } from '../../preload/contract.ts';
import { formatCount, formatCounted } from '../format/format.ts';

/** A transfer in words. */
export interface Wording {
  title: string;
  /** What else there is to say; empty where there is nothing. */
  detail: string;
}

const doing = { save: 'Saving', export: 'Exporting', import: 'Importing' } as const;
const done = { save: 'saved', export: 'exported', import: 'imported' } as const;

/** @param mailbox the name of the one that it goes to */
export function wordingOf(transfer: Transfer, mailbox: string): Wording {
  const { kind, name, path, state, messages, error } = transfer;
  const through = formatCounted(messages, 'message');
  const kept =
    path !== null
      ? `Nothing was written to ${fileNameOf(path)}.`
      : messages > 0
        ? `${through} came in before that.`
        : '';
  switch (state) {
    case 'running':
      return { title: `${doing[kind]} ${name}`, detail: kind === 'save' ? '' : through };
    case 'done':
      return {
        title: kind === 'save' ? `Saved ${name}` : `${through} ${done[kind]}`,
        detail: path === null ? `into ${mailbox}` : `to ${fileNameOf(path)}`,
      };
    case 'cancelled':
      return { title: `${name} was not ${done[kind]}`, detail: `You cancelled it. ${kept}`.trim() };
    case 'failed':
      return { title: `${name} could not be ${done[kind]}`, detail: `${error ?? ''} ${kept}`.trim() };
  }
}

/** What was left out. */
export function problemsSaid({ kind, problemCount }: Transfer): string {
  return `${formatCount(problemCount)} could not be ${done[kind]}`;
}

const fileNameOf = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;
