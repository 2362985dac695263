import type { PassedOver, Rule, RuleDefaults, RuleForecast, RuleStage } from '../../preload/contract.ts';
import { formatCount, formatCounted } from '../format/format.ts';

/** A rule in words, around its pattern. */
export interface Sentence {
  before: string;
  pattern: string;
  after: string;
}

/** What becomes of somebody, for a chip. */
export interface Outcome {
  text: string;
  tone: 'good' | 'warn' | 'bad' | 'none';
}

/** What the rule does, as a sentence. */
export function sentenceOf(rule: Rule): Sentence {
  const { stage, pattern } = rule;
  const isLocalPart = stage !== 'host' && /^[^@/<*]+$/.test(pattern.trim());
  const [before, after] = around(rule);
  return { before: `${before} `, pattern, after: `${isLocalPart ? ' at any domain' : ''}${after}` };
}

/** What stands before the pattern and after it. */
function around(rule: Rule): [before: string, after: string] {
  const { stage } = rule;
  const hosts = /[*?/]/.test(rule.pattern) ? 'hosts in' : 'the host';
  const whom = { host: hosts, sender: 'mail from', recipient: 'mail to' }[stage];
  switch (rule.action) {
    case 'allow':
      return [`Accepts ${whom}`, ''];
    case 'deny':
      return [`Refuses ${whom}`, stage === 'host' && rule.reason !== '' && rule.reply === null ? ', told why' : ''];
    case 'defer':
      return [`Puts off ${whom}`, ''];
    case 'greylist':
      return ['Greylists', `: the ${greylisted(rule)}`];
    case 'limit': {
      const counted = { host: ` connections`, sender: '', recipient: '' }[stage];
      const direction = { host: 'from', sender: 'from', recipient: 'to' }[stage];
      return [
        `Accepts ${amount(rule.count)}${counted} in ${seconds(rule.seconds)} ${direction}`,
        ', puts off the rest',
      ];
    }
    case 'delay':
      return [`Delays ${whom}`, ` by ${seconds(rule.seconds)}`];
    case 'drop': {
      const moment = rule.moment === 'before reply' ? 'before the reply' : 'in the middle of the reply';
      return [`Drops the connection ${stage === 'host' ? 'of' : 'on'} ${whom}`, `, ${moment}`];
    }
  }
}

function greylisted({ attempts, seconds: time }: Extract<Rule, { action: 'greylist' }>): string {
  const first = attempts === 1 ? 'first attempt' : `first ${amount(attempts ?? NaN)} attempts`;
  if (time === null) return first;
  return attempts === null ? `first ${seconds(time)}` : `${first}, for at most ${seconds(time)}`;
}

/** A number that is still being typed may be none. */
const amount = (count: number): string => (Number.isNaN(count) ? '…' : formatCount(count));
const seconds = (count: number): string =>
  Number.isNaN(count) ? '… s' : `${count.toLocaleString('en', { maximumFractionDigits: 3 })} s`;

/** @param reply as it goes over the wire */
function refusal(reply: string): Outcome {
  return { text: reply, tone: reply.startsWith('4') ? 'warn' : 'bad' };
}

const accepted: Outcome = { text: 'accepted', tone: 'good' };
const acceptedLate = (time: number): Outcome => ({ text: `accepted after ${seconds(time)}`, tone: 'warn' });
const dropped: Outcome = { text: 'connection dropped', tone: 'bad' };

/**
 * What becomes of whom the rule matches.
 * @param answer to whom it refuses, as it goes over the wire; not there as long as it is not known
 */
export function outcomeOf(rule: Rule, answer: string | null | undefined): Outcome {
  switch (rule.action) {
    case 'allow':
      return accepted;
    case 'delay':
      return acceptedLate(rule.seconds);
    case 'drop':
      return dropped;
    default:
      return typeof answer === 'string' ? refusal(answer) : { text: '…', tone: 'none' };
  }
}

export function outcomeOfForecast({ outcome, reply, delay }: RuleForecast): Outcome {
  switch (outcome) {
    case 'accepted':
      return delay === 0 ? accepted : acceptedLate(delay / 1000);
    case 'refused':
      return refusal(reply ?? '');
    case 'dropped':
      return dropped;
    case 'not asked':
      return { text: 'not asked', tone: 'none' };
  }
}

/** Why somebody fares so on whom no rule decides. */
export function whyNoRule({ outcome, passedOver }: RuleForecast): string {
  if (outcome === 'not asked') return 'the client is turned away before';
  // Only postmaster gets past rules that match.
  if (passedOver.some(({ why }) => why === 'later')) return 'no recipient rule is asked about postmaster';
  return outcome === 'refused' ? 'by the default, as no rule matches' : 'no rule matches';
}

/** Why a rule did not decide. @param deciding the place of the rule that did */
export function whyPassedOver({ why }: PassedOver, deciding: number | undefined): string {
  if (why === 'off') return 'is off';
  if (why === 'no match') return 'does not match';
  return deciding === undefined ? 'matches, but is not asked' : `matches, but comes after rule ${deciding}`;
}

/** All of what would happen, in a breath, for those who do not see the list. */
export function summaryOf(forecasts: readonly RuleForecast[]): string {
  const [host, sender, ...recipients] = forecasts.map((forecast) => outcomeOfForecast(forecast).text);
  if (host === undefined) return '';
  const count = recipients.filter((text) => text.startsWith('accepted')).length;
  return `Host: ${host}. Sender: ${sender}. ${count} of ${formatCounted(recipients.length, 'recipient')} accepted.`;
}

export const plural: Readonly<Record<RuleStage, string>> = {
  host: 'hosts',
  sender: 'senders',
  recipient: 'recipients',
};

/** What becomes of what no rule matches, as a sentence. */
export function defaultsInWords(defaults: RuleDefaults): string {
  const stages = Object.keys(plural) as RuleStage[];
  const refused = stages.filter((stage) => defaults[stage] === 'deny').map((stage) => plural[stage]);
  const others = stages.filter((stage) => defaults[stage] === 'allow').map((stage) => plural[stage]);
  if (refused.length === 0) return 'What no rule matches is accepted.';
  if (others.length === 0) return 'What no rule matches is refused.';
  return `Where no rule matches, ${refused.join(' and ')} are refused, ${others.join(' and ')} accepted.`;
}

const endings = { one: 'st', two: 'nd', few: 'rd', other: 'th', zero: 'th', many: 'th' } as const;
const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });

/** @returns `1st`, `22nd`, `113th` */
export const ordinal = (place: number): string => `${formatCount(place)}${endings[ordinals.select(place)]}`;
