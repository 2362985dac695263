/** `npm run setup`: everything that `npm start` would do first. `-- --official` tries for the official Electron again. */
import './setup/node-version.mjs';
import { Problem, say } from './run/messages.mjs';
import { main } from './run/process.mjs';
import { build } from './setup/build.mjs';
import { setUp } from './setup/steps.mjs';

await main(async () => {
  const [unknown] = process.argv.slice(2).filter((argument) => argument !== '--official');
  if (unknown) throw new Problem(`setup has no ${unknown}.`, 'It knows --official alone.');
  await setUp({ official: process.argv.includes('--official') });
  await build();
  say('Ready: npm start');
  return 0;
});
