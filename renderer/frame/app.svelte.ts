import { MediaQuery } from 'svelte/reactivity';
import type { Bridge, Rule, TagSummary } from '../../preload/contract.ts';
import { Clock } from '../format/clock.svelte.ts';
import { Inbox } from '../inbox/inbox.svelte.ts';
import { Mailboxes } from '../mailboxes/mailboxes.svelte.ts';
import { Reader } from '../message/reader.svelte.ts';
import { Refused } from '../refused/refused.svelte.ts';
import { RefusedReader } from '../refused/refused-reader.svelte.ts';
import { Rules } from '../rules/rules.svelte.ts';
import { Server } from '../server/server.svelte.ts';
import { SettingsForm } from '../settings/settings-form.svelte.ts';
import { TagPicker } from '../tags/tag-picker.svelte.ts';
import { Tags } from '../tags/tags.svelte.ts';
import { Transfers } from '../transfer/transfers.svelte.ts';
import { Undo } from '../undo/undo.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { Problems } from './problems.svelte.ts';

export type View = 'inbox' | 'refused' | 'rules' | 'settings';

/** Makes each part of the window once and joins them. */
export class App {
  view = $state<View>('inbox');

  readonly clock = new Clock();
  /** Whether list and item stand side by side; else what is open takes the list's place. */
  readonly wide = new MediaQuery('width >= 900px');
  readonly problems = new Problems();
  readonly undo = new Undo();
  readonly notices: Notices;
  readonly server: Server;
  readonly reader: Reader;
  readonly inbox: Inbox;
  readonly mailboxes: Mailboxes;
  readonly tags: Tags;
  readonly tagPicker: TagPicker;
  readonly refusedReader: RefusedReader;
  readonly refused: Refused;
  readonly rules: Rules;
  readonly settings: SettingsForm;
  readonly transfers: Transfers;

  constructor(bridge: Bridge) {
    this.notices = new Notices(bridge);
    this.server = new Server(bridge);
    this.reader = new Reader(bridge);
    this.inbox = new Inbox(bridge, this.reader, this.wide, this.undo);
    this.mailboxes = new Mailboxes(bridge, this.inbox);
    this.tags = new Tags(bridge, this.inbox);
    this.tagPicker = new TagPicker(this.tags, this.inbox);
    this.refusedReader = new RefusedReader(bridge);
    this.refused = new Refused(bridge, this.refusedReader, this.wide);
    this.rules = new Rules(bridge);
    this.settings = new SettingsForm(bridge);
    this.transfers = new Transfers(bridge, this.inbox);
  }

  /** Asks the main process for how things stand; from then on its events tell. */
  async load(): Promise<void> {
    await Promise.all([
      this.server.load(),
      this.inbox.load(),
      this.refused.load(),
      this.rules.load(),
      this.settings.load(),
      this.notices.load(),
      this.transfers.load(),
    ]);
  }

  /** Shows the mail of one mailbox, in place of that of a tag. @param mailbox null: of all of them */
  async showMailbox(mailbox: number | null): Promise<void> {
    this.view = 'inbox';
    await this.inbox.chooseMailbox(mailbox, this.tags.current === undefined ? undefined : '');
  }

  /** Shows the messages that have a tag. */
  async showTag(tag: TagSummary): Promise<void> {
    this.view = 'inbox';
    await this.tags.show(tag);
  }

  /** Shows what a search finds. */
  async search(text: string): Promise<void> {
    this.view = 'inbox';
    await this.inbox.choose({ search: text });
  }

  /** Goes to a rule and opens its form. */
  editRule(rule: Rule): void {
    this.view = 'rules';
    this.rules.edit(rule);
  }
}
