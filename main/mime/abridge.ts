const LINE_START_DASHES = Buffer.from('\n--');
const LF = 0x0a;
const DASH = 0x2d;

/** Octets that are kept of what stands between two lines that may be boundaries. */
const KEPT = 128 * 1024;

/**
 * Shortens a message to what a row of the list is made of: of each stretch between two lines that begin with `--`, as
 * boundaries do (RFC 2046 section 5.1.1), the beginning alone. So headers and parts are all there, and a parser need
 * not hold 50 MB of attachment or text.
 * @param source its pieces must have memory of their own: what is left out is freed
 */
export async function* abridge(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let carried = Buffer.alloc(0);
  /** Of the stretch that goes on. */
  let kept = 0;
  for await (const piece of source) {
    const bytes =
      carried.length > 0
        ? Buffer.concat([carried, piece])
        : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    const whole = bytes.length - lengthOfPossibleDashes(bytes);
    carried = Buffer.from(bytes.subarray(whole));

    if (bytes.subarray(0, LINE_START_DASHES.length).equals(LINE_START_DASHES)) kept = 0;
    let start = 0;
    let isUsed = false;
    for (let at = 0; at < whole;) {
      const dashes = bytes.indexOf(LINE_START_DASHES, at + 1);
      const end = dashes === -1 ? whole : dashes;
      const room = Math.max(KEPT - kept, 0);
      if (end - at > room) {
        if (at + room > start) {
          isUsed = true;
          yield bytes.subarray(start, at + room);
        }
        start = end;
      }
      kept = dashes === -1 ? kept + end - at : 0;
      at = end;
    }
    if (start < whole) yield bytes.subarray(start, whole);
    else if (!isUsed) free(piece);
  }
  if (carried.length > 0) yield carried;
}

/** Frees a piece that nobody holds: the garbage collector would let tens of megabytes of them gather first. */
function free({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** @returns how many of the last octets may be the beginning of {@link LINE_START_DASHES} */
function lengthOfPossibleDashes(bytes: Buffer): number {
  if (bytes.at(-1) === LF) return 1;
  return bytes.at(-1) === DASH && bytes.at(-2) === LF ? 2 : 0;
}
