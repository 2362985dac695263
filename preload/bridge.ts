/** Runs in the sandboxed window before its page: gives it the contract and nothing else of Electron. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Bridge } from './contract.ts';

async function ask(channel: 'call' | 'dropped', ...values: unknown[]): Promise<unknown> {
  const answer = (await ipcRenderer.invoke(channel, ...values)) as { value: unknown } | { error: string };
  if ('error' in answer) throw new Error(answer.error);
  return answer.value;
}

const bridge: Bridge = {
  call: (name, argument) => ask('call', name, argument) as Promise<never>,
  async importDropped(files, mailbox) {
    const paths = files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== '');
    await ask('dropped', { paths, mailbox });
  },
  on(name, listener) {
    const heard = (_event: unknown, event: unknown, payload: unknown): void => {
      if (event === name) listener(payload as never);
    };
    ipcRenderer.on('event', heard);
    return () => ipcRenderer.off('event', heard);
  },
};

contextBridge.exposeInMainWorld('mailmitt', bridge);
