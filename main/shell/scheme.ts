import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { protocol } from 'electron';
import log from 'electron-log/main';

/** The window's own origin: a page of its own scheme can be given headers, a file cannot. */
export const APP_ORIGIN = 'app://mailmitt';

/**
 * Inline styles are allowed because the frame that shows a message inherits this policy, and mail is styled inline; the
 * frame's own policy is stricter in everything else. Nothing at all comes from the network.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Of what the build writes. */
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const scheme = APP_ORIGIN.slice(0, APP_ORIGIN.indexOf(':'));

/** Has to be called before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true } }]);
}

/** Serves the built renderer under {@link APP_ORIGIN}. @param folder where it lies */
export function serveRenderer(folder: string): void {
  protocol.handle(scheme, async (request) => {
    const file = join(folder, decodeURIComponent(new URL(request.url).pathname));
    const contentType = contentTypes[extname(file)];
    if (!file.startsWith(folder + sep) || contentType === undefined) return notFound(request.url);
    try {
      return new Response(await readFile(file), {
        headers: {
          'Content-Type': contentType,
          'Content-Security-Policy': CONTENT_SECURITY_POLICY,
          'X-Content-Type-Options': 'nosniff',
        },
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return notFound(request.url);
    }
  });
}

function notFound(url: string): Response {
  log.warn(`The window asked for ${url}, which there is not`);
  return new Response(null, { status: 404 });
}
