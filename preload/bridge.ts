/** Runs in the sandboxed window before its page: gives it the contract and nothing else of Electron. */
import { contextBridge, ipcRenderer } from 'electron';
import type { Bridge } from './contract.ts';

const bridge: Bridge = {
  async call(name, argument) {
    const answer = (await ipcRenderer.invoke('call', name, argument)) as { value: never } | { error: string };
    if ('error' in answer) throw new Error(answer.error);
    return answer.value;
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
