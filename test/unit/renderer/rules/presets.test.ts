import { expect, test } from 'vitest';
import { ruleSchema } from '../../../../main/rules/rule.ts';
import { newDraft, ruleOf } from '../../../../renderer/rules/draft.ts';
import { presets } from '../../../../renderer/rules/presets.ts';

test.each(presets)('“$name” is a whole rule', ({ fields }) => {
  const rule = ruleOf(newDraft(fields), null);
  expect(ruleSchema.parse(rule)).toEqual(rule);
});
