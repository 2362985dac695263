/** The app itself, on a mailbox that is there: what its window waits for, and what all its processes take. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type ElectronApplication, type Page, _electron } from '@playwright/test';
import type { Settings } from '../../main/settings/settings.ts';
import type { Bridge } from '../../preload/contract.ts';
import { openXvfb } from '../../scripts/run/display.mjs';
import { build } from '../../scripts/setup/build.mjs';
import { appArguments } from '../e2e/mailmitt.ts';
import { ASKS, PAGE, type Question } from './questions.ts';
import { median } from './report.ts';

/** Milliseconds of a total, and of the first page that is asked for while it is counted. */
export interface TotalTimes {
  total: number;
  page: number;
}

export interface WindowMeasured {
  /** Seconds from the start of the app until its list is there. */
  opened: number;
  /** Milliseconds of each question, from the call in the window until the page is there. */
  times: number[];
  totals: TotalTimes[];
  /** Megabytes of all processes together, see {@link anonymousMemory}. */
  memory: number;
}

let display: Promise<NodeJS.ProcessEnv> | undefined;

/**
 * @param userData a folder with a mailbox
 * @param searches of which the totals are counted
 * @param rounds so often they are, and each question {@link ASKS} times as often
 */
export async function measureWindow(
  userData: string,
  questions: readonly Question[],
  searches: readonly string[],
  rounds: number,
): Promise<WindowMeasured> {
  await build();
  display ??= process.platform === 'linux' ? openXvfb() : Promise.resolve({});
  const env = { ...process.env, ...(await display) };
  delete env['ELECTRON_RUN_AS_NODE'];
  // Without it, what is more than is kept by default would be removed while it is measured.
  writeFileSync(join(userData, 'settings.json'), JSON.stringify({ keepMebibytes: null } satisfies Partial<Settings>));
  const begun = performance.now();
  const app = await _electron.launch({
    executablePath: process.execPath,
    args: appArguments(userData, '--smtp-port=0'),
    env: env as Record<string, string>,
  });
  try {
    const page = await app.firstWindow();
    await page.getByRole('listbox', { name: 'Messages' }).getByRole('option').first().waitFor();
    const opened = (performance.now() - begun) / 1000;
    const times: number[] = [];
    for (const { ask } of questions) times.push(median(await timesOf(page, ask, ASKS * rounds)));
    const totals: TotalTimes[] = [];
    for (const search of searches) {
      const each = await totalsOf(page, search, rounds);
      totals.push({ total: median(each.map(({ total }) => total)), page: median(each.map((times) => times.page)) });
    }
    return { opened, times, totals, memory: await memoryOf(app) };
  } finally {
    await app.close();
  }
}

/** @returns milliseconds of each time; the first one does not count */
function timesOf(page: Page, ask: Question['ask'], asks: number): Promise<number[]> {
  return page.evaluate(
    async ([argument, count]) => {
      const { mailmitt } = globalThis as unknown as { mailmitt: Bridge };
      const times: number[] = [];
      for (let round = 0; round <= count; round++) {
        const begun = performance.now();
        const { error } = await mailmitt.call('messages.list', argument);
        if (error !== null) throw new Error(error.message);
        if (round > 0) times.push(performance.now() - begun);
      }
      return times;
    },
    [ask, asks] as const,
  );
}

function totalsOf(page: Page, search: string, rounds: number): Promise<TotalTimes[]> {
  return page.evaluate(
    async ([wanted, limit, count]) => {
      const { mailmitt } = globalThis as unknown as { mailmitt: Bridge };
      const times: TotalTimes[] = [];
      for (let round = 0; round < count; round++) {
        const begun = performance.now();
        const counted = mailmitt.call('messages.count', { search: wanted });
        await mailmitt.call('messages.list', { search: wanted, limit });
        const listed = performance.now() - begun;
        await counted;
        times.push({ page: listed, total: performance.now() - begun });
      }
      return times;
    },
    [search, PAGE, rounds] as const,
  );
}

/** Samples of the memory, a second from one to the next: some of it is garbage that goes. */
const SAMPLES = 5;

async function memoryOf(app: ElectronApplication): Promise<number> {
  const samples: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    await setTimeout(1000);
    const metrics = await app.evaluate(({ app: electronApp }) => electronApp.getAppMetrics());
    const sizes = metrics.map(({ pid, memory }) => anonymousMemory(pid) ?? memory.workingSetSize);
    samples.push(sizes.reduce((sum, size) => sum + size, 0) / 1024);
  }
  return median(samples);
}

/**
 * Of the resident memory what belongs to the process alone. The rest is mapped from files that Electron consists of, more or
 * less of them as the system likes: the same start twice differs by 50 MB there.
 * @returns kilobytes; null on systems that do not tell
 */
function anonymousMemory(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  const [, size] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(size);
}
