import type { Random } from './random.ts';

/** How the words of a language are made up. All lists are separated by spaces. */
interface Spelling {
  /** Its messages among 100. */
  share: number;
  /** The most frequent words, as they are. */
  common: string;
  onsets: string;
  vowels: string;
  /** A syllable also ends without one, half the time. */
  codas: string;
  /** Syllables of a word, at most. */
  syllables?: number;
  /** Between words, behind a clause and behind a sentence. */
  marks?: [space: string, comma: string, stop: string];
}

/** Characters of a script that begins there, as a list. */
const characters = (first: number, count: number, step = 1): string =>
  Array.from({ length: count }, (_, index) => String.fromCodePoint(first + index * step)).join(' ');

const spellings: Readonly<Record<string, Spelling>> = {
  en: {
    share: 38,
    common: 'the to of and you your a in is for on this it with that we are be have if from or our at will not by',
    onsets: 'b br c ch cl d f fr g gr h j l m n p pl pr qu r s sc sh sp st str t th tr v w',
    vowels: 'a a e e i i o o u ai ea ee io oo ou',
    codas: 'n r l s t d nd ng nt rt st ck m y',
  },
  de: {
    share: 10,
    common: 'die der und in den von zu das mit sich des auf für ist im dem nicht ein Sie eine als auch Ihre wir bei',
    onsets: 'b d f fl g gr h k kr l m n p pf r s sch sp st t tr v w z',
    vowels: 'a e e i o u ä ö ü au ei ie',
    codas: 'n r l s t ch cht en er ng nd rt st ß',
  },
  fr: {
    share: 8,
    common: 'de la le et les des en un du une que est pour qui dans votre par plus pas au vous sur ne se ce nous avec',
    onsets: 'b bl c ch d f fr g j l m n p pr qu r s t tr v',
    vowels: 'a e é è ê i o u ai au eu oi ou on',
    codas: 's t r l n x nt ç',
  },
  es: {
    share: 7,
    common: 'de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le',
    onsets: 'b c ch d f g h j l ll m n ñ p pr qu r s t tr v z',
    vowels: 'a a e e i o o u á é í ó ú ia ie ió ue',
    codas: 's n r l d z',
  },
  pl: {
    share: 6,
    common: 'w i na z do się nie jest to o że od po jak za dla przez oraz ten jego co tego są tym przy',
    onsets: 'b c cz d dz g h j k l ł m n p prz r rz s sz t tr w z ż ś źr',
    vowels: 'a ą e ę i o ó u y ie ia',
    codas: 'ł ń ć k m j sz w ch ść',
  },
  ru: {
    share: 8,
    common: 'и в не на что с по это для к вы как из от мы ваш все так за но у или если будет можно при его',
    onsets: 'б в г д ж з к л м н п пр р с сл ст т тр ф х ц ч ш щ',
    vowels: 'а а е е и о о у ы я ю ё ие',
    codas: 'й л н р с т ть в м х ст',
  },
  el: {
    share: 3,
    common: 'και το να του η της με που την από για είναι στο θα τα οι των σας ο δεν στη μας αν αυτό ή',
    onsets: 'β γ δ θ κ κρ λ μ ν ξ π πρ ρ σ στ τ φ χ ψ',
    vowels: 'α ε η ι ο υ ω ά έ ή ί ό ύ ώ ου αι ει',
    codas: 'ν ρ λ ς',
  },
  ar: {
    share: 4,
    common: 'في من على إلى أن هذا التي عن مع ما لا هذه كان أو بعد قبل كل هو هي لك تم عند إذا حتى',
    onsets: 'ب ت ث ج ح خ د ر ز س ش ص ض ط ع غ ف ق ك ل م ن ه ال',
    vowels: 'ا و ي َ',
    codas: 'ة ن ت ر ل م ات ين',
  },
  he: {
    share: 2,
    common: 'של את על לא זה עם כי הוא או אם גם היא כל יש אני מה אתה רק עוד אל לך שלך היה כך',
    onsets: 'א ב ג ד ה ו ז ח ט י כ ל מ נ ס ע פ צ ק ר ש ת',
    vowels: 'ו י א ה',
    codas: 'ה ת ים ות ן ר ל',
  },
  zh: {
    share: 6,
    common: '的 了 在 是 我 您 有 和 就 不 人 都 一 上 也 到 说 要 去 会 着 看 好 这 请 订单 您的 我们',
    onsets: characters(0x4e00, 2500, 8),
    vowels: characters(0x4e05, 600, 30),
    codas: '们 者 家 子 性',
    syllables: 1,
    marks: ['', '，', '。'],
  },
  ja: {
    share: 6,
    common: 'の に は を が と で です ます た し て も な から まで こと ください お客様 ご注文 ありがとう',
    onsets: `${characters(0x4e02, 1500, 12)} ${characters(0x30a2, 40)}`,
    vowels: `${characters(0x3042, 80)} ${characters(0x30a2, 40)}`,
    codas: 'る い く ン ー',
    syllables: 2,
    marks: ['', '、', '。'],
  },
  th: {
    share: 2,
    common: 'ที่ และ ใน ของ มี เป็น การ ได้ ให้ จะ ไม่ คุณ กับ จาก เรา นี้ แล้ว หรือ ว่า โดย',
    onsets: 'ก ข ค ง จ ช ด ต ท น บ ป พ ม ย ร ล ว ส ห อ กร ปร',
    vowels: 'า ิ ี ุ ู ะ ั้ ่า ่อ ็',
    codas: 'น ง ก ม บ ย ด',
    syllables: 3,
    marks: ['', ' ', ' '],
  },
};

/** Different words of a language: what some ten thousand mails to customers hold. */
const VOCABULARY = 25_000;

/** A language as it is written in mail: its words as often as words are in texts, rank r once in r (Zipf). */
export class Language {
  readonly code: string;
  /** The most frequent ones first. */
  readonly vocabulary: readonly string[];
  /** Whether most of what it writes is Latin letters. */
  readonly isLatin: boolean;
  readonly #marks: [space: string, comma: string, stop: string];

  constructor(code: string, spelling: Spelling, random: Random) {
    this.code = code;
    this.isLatin = /^[a-z]/.test(spelling.onsets);
    this.#marks = spelling.marks ?? [' ', ', ', '. '];
    const [onsets, vowels, codas] = [spelling.onsets, spelling.vowels, spelling.codas].map((list) => list.split(' '));
    const syllable = (): string =>
      random.pick(onsets as string[]) +
      random.pick(vowels as string[]) +
      (random.next() < 0.5 ? random.pick(codas as string[]) : '');
    const words = new Set(spelling.common.split(' '));
    while (words.size < VOCABULARY) {
      // Frequent words are short.
      const most = Math.min(spelling.syllables ?? 3, 1 + words.size / 500);
      const count = Math.max(1, Math.round(most * random.next() ** 0.5));
      words.add(Array.from({ length: count }, syllable).join(''));
    }
    this.vocabulary = [...words];
  }

  word(random: Random): string {
    // The integral of 1/r is a logarithm.
    return this.vocabulary[Math.floor(VOCABULARY ** random.next()) - 1] as string;
  }

  /** A word that means something, as names and headings have them. */
  rareWord(random: Random): string {
    return capital(this.vocabulary[Math.floor(30 + (VOCABULARY - 30) * random.next() ** 3)] as string);
  }

  /** @returns so many words, without a mark at the end */
  words(random: Random, count: number): string {
    const [space, comma] = this.#marks;
    let text = capital(this.word(random));
    for (let index = 1; index < count; index++) text += (index % 7 === 6 ? comma : space) + this.word(random);
    return text;
  }

  sentences(random: Random, count: number): string {
    const stop = this.#marks[2];
    let text = '';
    for (let index = 0; index < count; index++) text += this.words(random, 5 + random.below(12)) + stop;
    return text.trimEnd();
  }
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** @returns the languages, and which of them each of 100 messages is in */
export function makeLanguages(random: Random): { languages: Language[]; turns: Language[] } {
  const languages = Object.entries(spellings).map(([code, spelling]) => new Language(code, spelling, random));
  const turns = Object.values(spellings).flatMap(({ share }, index) =>
    Array<Language>(share).fill(languages[index] as Language),
  );
  return { languages, turns };
}
