/** The worker threads' scripts as they are written: Electron's Node runs TypeScript by leaving its types out. */
export const mailboxWorker = new URL('../../../main/mailbox/worker.ts', import.meta.url);
export const mimeWorker = new URL('../../../main/mime/worker.ts', import.meta.url);
export const transferWorker = new URL('../../../main/transfer-worker.ts', import.meta.url);
/** Workers of the tests' own, see there. */
export const dyingMailboxWorker = new URL('dying-mailbox-worker.ts', import.meta.url);
export const dyingMimeWorker = new URL('dying-mime-worker.ts', import.meta.url);
