import type { Language } from './languages.ts';
import { Random } from './random.ts';

/** An app that sends mail, all of it in its own style. */
export interface Sender {
  name: string;
  domain: string;
  /** Whom it authenticates as. */
  user: string | null;
  mailer: string | null;
  is8bit: boolean;
  hasUnsubscribe: boolean;
  style: Style;
  /** What stands below each of its messages: language → text. */
  footers: ReadonlyMap<Language, string>;
}

/** CSS: a style sheet by its rules, and what stands in the elements themselves, as many mail programs want it there. */
export interface Style {
  sheet: readonly string[];
  page: string;
  cell: string;
  table: string;
  heading: string;
  paragraph: string;
  button: string;
  item: string;
  price: string;
}

const MAILERS = ['PHPMailer 6.9.1', 'nodemailer (6.9.14)', 'Symfony Mailer', 'Apple Mail (2.3774)', 'JavaMail 1.6.2'];
const FONTS = ['Arial,Helvetica', "'Open Sans',Helvetica,Arial", "'Segoe UI',Tahoma,Verdana"];

/** @param isUser whether it authenticates */
export function makeSender(random: Random, languages: readonly Language[], isUser: boolean): Sender {
  const name = (languages[0] as Language).rareWord(random);
  return {
    name,
    domain: `${name.toLowerCase()}.test`,
    user: isUser ? name.toLowerCase() : null,
    mailer: random.next() < 0.6 ? random.pick(MAILERS) : null,
    is8bit: random.next() < 0.3,
    hasUnsubscribe: random.next() < 0.6,
    style: makeStyle(random),
    footers: new Map(languages.map((language) => [language, language.sentences(random, 2)])),
  };
}

function makeStyle(random: Random): Style {
  const colour = (): string => `#${random.below(0x1000000).toString(16).padStart(6, '0')}`;
  const [ink, accent, paper] = [colour(), colour(), colour()];
  const font = `font-family:${random.pick(FONTS)},sans-serif`;
  const size = 14 + random.below(4);
  const side = 8 * (2 + random.below(4));
  const text = `${font};font-size:${size}px;line-height:${size + 8}px;color:${ink}`;
  return {
    sheet: [
      `body{margin:0;padding:0;width:100% !important;background-color:${paper}}`,
      'body,table,td,p,a,li{-webkit-text-size-adjust:100%;-ms-text-size-adjust:100%}',
      'table,td{mso-table-lspace:0pt;mso-table-rspace:0pt;border-collapse:collapse}',
      'img{border:0;height:auto;line-height:100%;outline:none;text-decoration:none;-ms-interpolation-mode:bicubic}',
      `h1{${font};font-size:${size + 10}px;font-weight:bold;letter-spacing:-0.5px;color:${accent}}`,
      `p,li{margin:0 0 ${side}px;${text}}`,
      `.button{display:inline-block;background:${accent};border-radius:${random.below(9)}px;text-decoration:none}`,
      '.preheader{display:none;max-height:0;max-width:0;opacity:0;overflow:hidden;visibility:hidden}',
      `@media only screen and (max-width:${600 + random.below(40)}px){\r
.container{width:100% !important;min-width:100% !important}\r
.cell{padding-left:${side / 2}px !important;padding-right:${side / 2}px !important}\r
.button,.button a{display:block !important;text-align:center !important}\r
}`,
      `@media (prefers-color-scheme:dark){body,.container{background:${colour()} !important;color:${colour()} !important}}`,
      `a{color:${accent};text-decoration:underline}a:hover{color:${colour()}}`,
      '#outlook a{padding:0}.ReadMsgBody,.ExternalClass{width:100%}.ExternalClass *{line-height:100%}',
      'a[x-apple-data-detectors]{color:inherit !important;text-decoration:none !important;font-size:inherit !important}',
    ],
    page: `margin:0;padding:${side}px 0;background-color:${paper}`,
    cell: `padding:0 ${side}px ${side / 2}px ${side}px;text-align:left;vertical-align:top`,
    table: 'width:100%;border-spacing:0;border-collapse:collapse;background-color:#ffffff',
    heading: `margin:0 0 ${side / 2}px;${font};font-size:${size + 10}px;line-height:1.3;font-weight:bold;color:${accent}`,
    paragraph: `margin:0 0 ${side / 2}px;${text}`,
    button: `display:inline-block;padding:12px ${side}px;background:${accent};color:#ffffff;border-radius:4px;text-decoration:none`,
    item: `padding:8px 0;border-bottom:1px solid ${paper};${text}`,
    price: `padding:8px 0;border-bottom:1px solid ${paper};text-align:right;white-space:nowrap;${text}`,
  };
}
