const DEVICE_NAMES = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
/** Octets in UTF-8. File systems have 255, of which some stay for what is put before or behind. */
const MAX_LENGTH = 200;

/**
 * Makes a file name of what a sender wrote, safe to offer in a dialog: one path segment, nothing invisible in it (a
 * right-to-left override hides what a file really is), none of the names that Windows keeps to itself, and short enough.
 * @param fallback the name where nothing is left
 */
export function cleanFileName(name: string, fallback: string): string {
  const segment = name.normalize('NFC').split(/[\\/]/).at(-1) ?? '';
  const clean = segment
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  if (clean === '') return fallback;
  return shorten(DEVICE_NAMES.test(clean) ? `_${clean}` : clean);
}

/** The same for what is no file name yet but a title, in which slashes separate nothing. */
export const fileNameOfTitle = (title: string, fallback: string): string =>
  cleanFileName(title.replace(/[\\/]/g, '_'), fallback);

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_LENGTH) return name;
  const extension = /\.[^.]{1,10}$/u.exec(name)?.[0] ?? '';
  let room = MAX_LENGTH - Buffer.byteLength(extension);
  let start = '';
  for (const character of name) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    start += character;
  }
  return start + extension;
}
