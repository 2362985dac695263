import type { Bridge } from '../preload/contract.ts';

declare global {
  interface Window {
    /** Put here by the preload script. */
    readonly mailmitt: Bridge;
  }
}
