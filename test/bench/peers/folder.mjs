import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const { XDG_CACHE_HOME: xdgCache = '' } = process.env;

/** What the bench fetches is kept here. */
export const benchCache = join(isAbsolute(xdgCache) ? xdgCache : join(homedir(), '.cache'), 'mailmitt/bench');

/** Where the npm packages that the bench measures against are installed: the app does not depend on them. */
export const peersFolder = join(benchCache, 'peers');
