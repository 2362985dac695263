import { expect, test } from 'vitest';
import { nodeVersionProblem } from '../../../scripts/setup/node-version.mjs';

test.each([
  ['20.20.0', true],
  ['20.21.3', true],
  ['22.0.0', true],
  ['24.15.0', true],
  ['20.19.6', false],
  ['18.20.8', false],
  ['9.99.0', false],
])('Node %s is new enough: %s', (version, enough) => {
  const problem = nodeVersionProblem(version, '>=20.20');
  if (enough) expect(problem).toBeNull();
  else expect(problem).toMatch(`needs Node 20.20 or newer; this is Node ${version}`);
});
