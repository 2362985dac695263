import { expect, test } from 'vitest';
import { sandboxWorks } from '../../../scripts/setup/sandbox.mjs';

const asUnpacked = { uid: 1000, mode: 0o100755 };
const setuidRoot = { uid: 0, mode: 0o104755 };

test.each([
  ['namespaces for everybody', { helper: asUnpacked, namespaces: true, restricted: false }, true],
  ['namespaces, no helper', { helper: null, namespaces: true, restricted: false }, true],
  ['no namespaces', { helper: asUnpacked, namespaces: false, restricted: false }, false],
  ['AppArmor denies what namespaces allow', { helper: asUnpacked, namespaces: true, restricted: true }, false],
  ['no namespaces, a helper that is setuid root', { helper: setuidRoot, namespaces: false, restricted: false }, true],
  ['AppArmor, a helper that is setuid root', { helper: setuidRoot, namespaces: true, restricted: true }, true],
  [
    'a helper that is setuid but not of root',
    { helper: { uid: 1000, mode: 0o104755 }, namespaces: false, restricted: false },
    false,
  ],
  [
    "root's helper that is not setuid",
    { helper: { uid: 0, mode: 0o100755 }, namespaces: false, restricted: false },
    false,
  ],
])('%s', (_, ways, works) => {
  expect(sandboxWorks(ways)).toBe(works);
});
