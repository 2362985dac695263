import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** @returns a folder of the running test's own; it is gone when the test is done */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mailmitt-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
