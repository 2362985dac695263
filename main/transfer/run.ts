import { exportTo, spreadInto } from './exporting.ts';
import { importFrom } from './importing.ts';
import { leavingMessages } from './leaving.ts';
import type { Mail } from './mail.ts';
import type { ProgressReport } from './progress.ts';
import type { TransferTask } from './protocol.ts';

export interface RunOptions {
  /** Of this server, for trace headers. */
  hostName: string;
  report: ProgressReport;
  /** Ends it. */
  signal: AbortSignal;
}

/** Does what a transfer is for. @throws Error, in words for people, when it cannot be done to its end */
export function runTransfer(task: TransferTask, mail: Mail, options: RunOptions): Promise<void> {
  switch (task.type) {
    case 'export':
      return exportTo(task.file, task.format, leavingMessages(mail, task.messages, options));
    case 'spread':
      return spreadInto(task.folder, leavingMessages(mail, { ids: task.ids }, options));
    case 'import':
      return importFrom(task.paths, mail, { ...options, mailbox: task.mailbox });
  }
}
