import { type Session, type WebContents, app } from 'electron';
import log from 'electron-log/main';

/**
 * Keeps every page where it is and off the network (https://www.electronjs.org/docs/latest/tutorial/security, items 5
 * and 13 to 15). What a message asks for, a sandbox and two policies refuse already; this is the wall behind them.
 * @param origin where the window's own page comes from
 */
export function guardPages(origin: string): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents));
  app.on('session-created', (session) => guardSession(session, origin));
}

function guardContents(contents: WebContents): void {
  contents.on('will-frame-navigate', (event) => {
    // The frame that shows a message is filled this way.
    if (event.url === 'about:srcdoc') return;
    event.preventDefault();
    log.warn(`Refused to navigate to ${event.url}`);
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    log.warn(`Refused to open a window for ${url}`);
    return { action: 'deny' };
  });
}

function guardSession(session: Session, origin: string): void {
  const own = new URL(origin);
  const isAllowed = (url: URL): boolean => {
    if (url.protocol === 'devtools:' || url.protocol === 'data:' || url.protocol === 'blob:') return true;
    // While developing, the page comes from Vite's server and talks to it over a web socket.
    const isOwnProtocol = url.protocol === own.protocol || (own.protocol === 'http:' && url.protocol === 'ws:');
    return isOwnProtocol && url.host === own.host;
  };
  session.webRequest.onBeforeRequest((details, callback) => {
    const cancel = !isAllowed(new URL(details.url));
    if (cancel) log.warn(`Refused a request to ${details.url}`);
    callback({ cancel });
  });
  // Copying is all that the window may do beyond showing.
  session.setPermissionCheckHandler((_contents, permission) => permission === 'clipboard-sanitized-write');
  session.setPermissionRequestHandler((_contents, permission, callback) =>
    callback(permission === 'clipboard-sanitized-write'),
  );
}
