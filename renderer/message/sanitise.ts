import DOMPurify, { type Config, type DOMPurify as Purifier } from 'dompurify';
import { markHtml } from './mark-html.ts';
import { safeDeclarations, safeStyleSheet } from './styles.ts';

/**
 * The second wall: whatever gets past the first, this policy lets it load nothing but pictures that the message brings
 * along. `base-uri` is no fetch directive, so it does not follow from `default-src`.
 */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const config: Config = {
  WHOLE_DOCUMENT: true,
  USE_PROFILES: { html: true },
  ALLOW_DATA_ATTR: false,
  // Beyond what DOMPurify takes away itself (script, iframe, meta, base, link, object, embed, event handlers):
  // what asks for input, what plays media, and what hides its content from the sanitiser.
  FORBID_TAGS: [
    ...['form', 'input', 'button', 'select', 'optgroup', 'option', 'textarea', 'datalist', 'output', 'dialog'],
    ...['audio', 'video', 'picture', 'source', 'track'],
    ...['template', 'slot'],
  ],
  FORBID_ATTR: ['srcset', 'background', 'poster', 'popover', 'popovertarget', 'command', 'commandfor', 'autofocus'],
};

let purifier: Purifier | undefined;

function makePurifier(): Purifier {
  const made = DOMPurify(window);
  made.addHook('uponSanitizeElement', (node, { tagName }) => {
    if (tagName === 'style') node.textContent = safeStyleSheet(node.textContent ?? '');
  });
  made.addHook('uponSanitizeAttribute', (_node, attribute) => {
    if (attribute.attrName === 'style') attribute.attrValue = safeDeclarations(attribute.attrValue);
    // What is sanitised a second time has it from the first.
    if (attribute.attrName === 'href') attribute.attrValue = attribute.attrValue.replace(/^about:srcdoc(?=#)/, '');
    if (attribute.attrName === 'src') attribute.keepAttr = attribute.attrValue.trim().startsWith('data:image/');
  });
  made.addHook('afterSanitizeAttributes', (node) => {
    const target = node.getAttribute('href');
    if (target === null) return;
    // Links within the message: the base address of such a frame is the window's, not its own.
    if (target.startsWith('#')) node.setAttribute('href', `about:srcdoc${target}`);
    // The frame may open no windows, so a link that wants one leads nowhere.
    else node.setAttribute('target', '_blank');
  });
  return made;
}

/**
 * A message's HTML as a document for a sandboxed frame: no script, no form, nothing that loads, links that lead nowhere.
 * @param html as the sender wrote it: hostile
 * @param words to be marked
 */
export function mailDocument(html: string, words: RegExp): string {
  purifier ??= makePurifier();
  const sanitised = purifier.sanitize(html, config);
  const marked = markHtml(sanitised, words);
  // What is shown comes from the sanitiser, whatever was done to it before.
  const clean = marked === null ? sanitised : purifier.sanitize(marked, config);
  return `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">${clean}`;
}
