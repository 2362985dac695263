import { markWords } from '../list/marking.ts';

/** Colours of its own: the message's own are whatever the sender chose. */
const style = 'background:#ffe08a;color:#1d1b18';
/** More than anybody looks at: each takes the sanitiser longer than all the text around it. */
const MAX_MARKS = 1000;

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

  let count = 0;
  for (const text of texts) {
    if (count >= MAX_MARKS) break;
    if (text.parentElement?.tagName === 'STYLE') continue;
    const marked = page.createDocumentFragment();
    for (const piece of markWords(text.data, words)) {
      marked.append(piece.isMarked && count++ < MAX_MARKS ? markOf(page, piece.text) : piece.text);
    }
    text.replaceWith(marked);
  }
  return count > 0 ? page.documentElement.outerHTML : null;
}

function markOf(page: Document, text: string): HTMLElement {
  const mark = page.createElement('mark');
  mark.style.cssText = style;
  mark.textContent = text;
  return mark;
}
