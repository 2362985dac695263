/*
 * CSS of a message, without what it would load. The browser's own parser reads it, so that no escape or comment hides
 * anything; what it does not understand is gone. A constructed style sheet loads nothing and ignores `@import`.
 */

const picture = /url\("data:image\/(?:[^"\\]|\\.)*"\)/g;
const fetchingFunction = /(?:url|src|image|image-set|cross-fade|element|paint)\s*\(/i;

/** A value with `var()` stands as it was written, so an escape could hide a function's name there. */
function mayFetch(css: string): boolean {
  const rest = css.replaceAll(picture, '');
  return fetchingFunction.test(rest) || rest.includes('\\');
}

function removeFetching(style: CSSStyleDeclaration): void {
  for (const property of [...style]) {
    if (mayFetch(style.getPropertyValue(property))) style.removeProperty(property);
  }
  // A shorthand with `var()` shows in the whole text alone.
  if (mayFetch(style.cssText)) style.cssText = '';
}

/** Keeps the kinds of rules that are known to be harmless, and looks into each. */
function keepHarmlessRules(parent: CSSStyleSheet | CSSGroupingRule): void {
  // From the end, so that what is deleted moves nothing that is still to come.
  for (let index = parent.cssRules.length - 1; index >= 0; index--) {
    const rule = parent.cssRules.item(index);
    if (rule instanceof CSSStyleRule) {
      removeFetching(rule.style);
      keepHarmlessRules(rule);
    } else if (rule instanceof CSSNestedDeclarations) {
      removeFetching(rule.style);
    } else if (rule instanceof CSSMediaRule || rule instanceof CSSSupportsRule) {
      keepHarmlessRules(rule);
    } else {
      parent.deleteRule(index);
    }
  }
}

/** @param css the text of a `style` element */
export function safeStyleSheet(css: string): string {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  keepHarmlessRules(sheet);
  const text = [...sheet.cssRules].map((rule) => rule.cssText).join('\n');
  // The parser resolved escapes, so a string may now hold what would end the element.
  return text.replaceAll(/<(?=[/!\w])/g, '\\3c ');
}

/** @param css the value of a `style` attribute */
export function safeDeclarations(css: string): string {
  const { style } = document.createElement('p');
  style.cssText = css;
  removeFetching(style);
  return style.cssText;
}
