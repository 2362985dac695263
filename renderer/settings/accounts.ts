import type { Settings } from '../../preload/contract.ts';

type Account = Settings['accounts'][number];

/** @returns one `name:password` a line */
export function formatAccounts(accounts: readonly Account[]): string {
  return accounts.map(({ user, password }) => `${user}:${password}`).join('\n');
}

/**
 * @param text one `name:password` a line; the password begins behind the first colon, and empty lines do not count
 * @returns the accounts as they were typed, a line without a colon as one without a name: what is wrong with it the main
 *   process says
 */
export function readAccounts(text: string): Account[] {
  return linesOf(text).map(({ line }) => {
    const colon = line.indexOf(':');
    return { user: line.slice(0, Math.max(colon, 0)), password: line.slice(colon + 1) };
  });
}

/** @returns the number of the line, from 1 up, that the account with this index was read from */
export function lineOfAccount(text: string, index: number): number | undefined {
  return linesOf(text)[index]?.number;
}

function linesOf(text: string): { line: string; number: number }[] {
  return text
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '');
}
