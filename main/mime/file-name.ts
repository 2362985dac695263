const DEVICE_NAMES = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const MAX_LENGTH = 150;

/**
 * Makes a file name that a sender chose safe to offer in a dialog: one path segment, nothing invisible in it (a
 * right-to-left override hides what a file really is), and none of the names that Windows keeps to itself.
 * @param number counts the attachments from 1; names the ones that have no name
 */
export function cleanFileName(name: string | undefined, number: number): string {
  const segment = (name ?? '').normalize('NFC').split(/[\\/]/).at(-1) ?? '';
  const clean = segment
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  if (clean === '') return `attachment-${number}`;
  return shorten(DEVICE_NAMES.test(clean) ? `_${clean}` : clean);
}

function shorten(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= MAX_LENGTH) return name;
  const extension = /\.[^.]{1,10}$/u.exec(name)?.[0] ?? '';
  return characters.slice(0, MAX_LENGTH - extension.length).join('') + extension;
}
