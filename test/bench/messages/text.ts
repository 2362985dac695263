import type { Language } from './languages.ts';
import type { Random } from './random.ts';
import type { Sender, Style } from './senders.ts';

/** A message's text in both forms, with CRLF. */
export interface Text {
  html: string;
  plain: string;
  /** What html-to-text makes of the HTML. */
  converted: string;
}

/** What a message is made for. */
export interface Occasion {
  random: Random;
  language: Language;
  sender: Sender;
  subject: string;
  hasHtml: boolean;
  hasPlain: boolean;
}

/** Octets of a page around its text and its style sheet. */
const FRAME = 2600;
/** Octets to a rule of the style sheet: short mail has little of it. */
const ROOM_FOR_RULE = 400;

/** @param room octets that it has to fill, about, once it is encoded */
export function compose(occasion: Occasion, room: number): Text {
  const { random, language, sender, subject, hasHtml, hasPlain } = occasion;
  const { style } = sender;
  const sheet = hasHtml ? style.sheet.slice(0, room / ROOM_FOR_RULE).join('\r\n') : '';
  /** Octets of a letter, at the mean of its encodings. */
  const width = language.isLatin ? 1.05 : sender.is8bit ? 2 : 3.5;
  let used = hasHtml ? sheet.length + FRAME : 0;
  const [rows, plain, converted]: [string[], string[], string[]] = [[], [], []];
  const add = (block: Text): void => {
    const row = inRow(block.html, style);
    rows.push(row);
    if (block.plain !== '') plain.push(block.plain);
    converted.push(block.converted);
    const letters = block.plain.length * (width - 1);
    if (hasHtml) used += row.length * (sender.is8bit ? 1 : 1.05) + letters;
    if (hasPlain) used += block.plain.length + letters;
  };
  add(heading(subject, style));
  do add(nextBlock(occasion));
  while (used < room);

  const footer = sender.footers.get(language) as string;
  const unsubscribe = `https://${sender.domain}/u/${random.token(24)}`;
  return {
    html: hasHtml ? page(occasion, sheet, rows, footer, unsubscribe) : '',
    plain: `${[...plain, footer].join('\r\n\r\n')}\r\n${unsubscribe}\r\n`,
    converted: [...converted, footer, `${sender.name} [${unsubscribe}]`].join('\n\n').trimStart(),
  };
}

const tableAttributes = 'role="presentation" cellpadding="0" cellspacing="0" border="0"';

function page(
  { language, sender: { domain, name, style }, subject }: Occasion,
  sheet: string,
  rows: readonly string[],
  footer: string,
  unsubscribe: string,
): string {
  return `<!DOCTYPE html>\r
<html lang="${language.code}">\r
<head>\r
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r
<meta name="viewport" content="width=device-width, initial-scale=1.0">\r
<title>${subject}</title>\r
<style type="text/css">\r
${sheet}\r
</style>\r
</head>\r
<body style="${style.page}">\r
<table ${tableAttributes} width="100%" style="${style.page}"><tr><td align="center">\r
<table ${tableAttributes} class="container" width="600" style="background-color:#ffffff">\r
<tr><td class="cell" style="${style.cell}">\r
<img src="https://static.${domain}/logo.png" width="120" height="32" alt="${name}" style="display:block;border:0">\r
</td></tr>\r
${rows.join('\r\n')}\r
<tr><td class="cell" style="${style.cell}">\r
<p style="${style.paragraph};font-size:11px">${footer}</p>\r
<p style="${style.paragraph};font-size:11px"><a href="${unsubscribe}">${name}</a></p>\r
</td></tr>\r
</table>\r
</td></tr></table>\r
</body>\r
</html>\r
`;
}

/** A table in a table: what mail programs of all ages show alike. */
const inRow = (html: string, style: Style): string =>
  `<tr><td class="cell" style="${style.cell}">\r
<table ${tableAttributes} width="100%" style="${style.table}"><tr><td align="left">\r
${html}\r
</td></tr></table>\r
</td></tr>`;

/** @returns a paragraph, half the time; or a link, a list of what was bought, a picture, a heading */
function nextBlock(occasion: Occasion): Text {
  const { random, language, sender } = occasion;
  const choice = random.next();
  if (choice < 0.5) return paragraph(language.sentences(random, 1 + random.below(4)), sender.style);
  if (choice < 0.65) return link(occasion);
  if (choice < 0.82) return items(occasion);
  if (choice < 0.93) return picture(occasion);
  return heading(language.words(random, 3), sender.style);
}

const heading = (plain: string, style: Style): Text => ({
  html: `<h1 style="${style.heading}">${plain}</h1>`,
  plain,
  converted: `\n${plain.toUpperCase()}`,
});

const paragraph = (plain: string, style: Style): Text => ({
  html: `<p style="${style.paragraph}">${plain}</p>`,
  plain,
  converted: plain,
});

function link({ random, language, sender: { domain, style } }: Occasion): Text {
  const label = language.words(random, 2);
  const address = `https://${domain}/${random.pick(['order', 'account', 'go', 'product'])}/${random.token(24)}`;
  return {
    html: `<p style="${style.paragraph}"><a href="${address}" class="button" target="_blank" style="${style.button}">${label}</a></p>`,
    plain: `${label}: ${address}`,
    converted: `${label} [${address}]`,
  };
}

function items({ random, language, sender: { style } }: Occasion): Text {
  const list = Array.from({ length: 1 + random.below(4) }, () => ({
    name: language.words(random, 3),
    price: `${random.below(200)}.${random.digits(2)}`,
  }));
  const rows = list.map(
    ({ name, price }) => `<tr><td style="${style.item}">${name}</td><td style="${style.price}">${price}</td></tr>`,
  );
  return {
    html: `<table ${tableAttributes} width="100%">\r\n${rows.join('\r\n')}\r\n</table>`,
    plain: list.map(({ name, price }) => `${name}  ${price}`).join('\r\n'),
    converted: list.map(({ name, price }) => `${name}${price}`).join(' '),
  };
}

function picture({ random, sender: { domain } }: Occasion): Text {
  const source = `https://static.${domain}/images/${random.token(16)}.jpg`;
  return {
    html: `<img src="${source}" width="552" alt="" style="display:block;width:100%;max-width:552px;height:auto;border:0">`,
    plain: '',
    converted: '',
  };
}
