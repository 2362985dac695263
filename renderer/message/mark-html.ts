import { MAX_MARKS, markWords } from '../list/marking.ts';

/** Colours of its own: the message's own are whatever the sender chose. */
const style = 'background:#ffe08a;color:#1d1b18';

/**
 * Marks words in HTML, within each stretch of text that no tag interrupts; of very many the first ones.
 * @param words see `searchedWords`
 * @returns null where there are none
 */
export function markHtml(html: string, words: RegExp): string | null {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode() !== null) texts.push(walker.currentNode as Text);

  let left = MAX_MARKS;
  for (const text of texts) {
    if (left === 0) break;
    if (text.parentElement?.tagName === 'STYLE') continue;
    const pieces = markWords(text.data, words, left);
    const count = pieces.filter(({ isMarked }) => isMarked).length;
    if (count === 0) continue;
    left -= count;
    text.replaceWith(...pieces.map((piece) => (piece.isMarked ? markOf(page, piece.text) : piece.text)));
  }
  return left < MAX_MARKS ? page.documentElement.outerHTML : null;
}

function markOf(page: Document, text: string): HTMLElement {
  const mark = page.createElement('mark');
  mark.style.cssText = style;
  mark.textContent = text;
  return mark;
}
