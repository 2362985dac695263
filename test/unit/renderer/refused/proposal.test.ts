import { expect, test } from 'vitest';
import { Proposal } from '../../../../renderer/refused/proposal.svelte.ts';
import { Rules } from '../../../../renderer/rules/rules.svelte.ts';
import { rule } from '../rules/rule.ts';
import { TestBridge } from '../support/test-bridge.ts';

const fields = { stage: 'recipient', pattern: 'maria@x.test', action: 'allow' } as const;

async function withRules(...ids: string[]): Promise<Rules> {
  const defaults = { host: 'allow', sender: 'allow', recipient: 'allow' } as const;
  const bridge = new TestBridge()
    .answer('rules.get', () => ({ rules: ids.map((id) => rule(id)), defaults, aside: [], answers: {} }))
    .answer('rules.decisions', () => ({}))
    .answer('rules.check', () => ({ errors: [], answer: null, usual: null }))
    .answer('rules.save', () => ({ saved: true }));
  const rules = new Rules(bridge);
  await rules.load();
  return rules;
}

test('a rule that was begun is known by its place once it is saved, for what it was begun about', async () => {
  const rules = await withRules('first', 'second');
  const proposal = new Proposal(rules);
  proposal.open(7, fields, 'second');
  expect(proposal.saved(7)).toBeNull();
  await rules.save();
  expect(proposal.saved(7)).toMatchObject({ rule: fields, place: 2 });
  expect(proposal.saved(8)).toBeNull();
});

test('a rule that was begun and not saved is none', async () => {
  const rules = await withRules();
  const proposal = new Proposal(rules);
  proposal.open(7, fields, 'first');
  rules.cancel();
  expect(proposal.saved(7)).toBeNull();
});

test('a rule that is deleted again is none', async () => {
  const rules = await withRules();
  const proposal = new Proposal(rules);
  proposal.open(7, fields, 'first');
  await rules.save();
  const saved = proposal.saved(7);
  if (saved !== null) await rules.remove(saved.rule);
  expect(proposal.saved(7)).toBeNull();
});
