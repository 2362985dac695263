import { BrowserWindow } from 'electron';
import log from 'electron-log/main';
import icon from './icons/mailmitt.png?asset';

export interface WindowOptions {
  /** What it shows. */
  url: string;
  /** The script that puts the contract into the page. */
  preload: string;
}

/** The one window. Closing it hides it: the app stays in the tray until it quits. */
export class MainWindow {
  readonly #options: WindowOptions;
  #window: BrowserWindow | null = null;
  #isQuitting = false;

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  /** The page, while there is a window. */
  get contents(): Electron.WebContents | null {
    return this.#window?.webContents ?? null;
  }

  /** Shows the window, in front of all others. */
  open(): void {
    if (this.#window === null) {
      this.#window = this.#create();
      return;
    }
    if (this.#window.webContents.isCrashed()) this.#window.reload();
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.show();
    this.#window.focus();
  }

  /** From now on closing the window closes it. */
  letClose(): void {
    this.#isQuitting = true;
  }

  #create(): BrowserWindow {
    const window = new BrowserWindow({
      width: 1360,
      height: 860,
      minWidth: 640,
      minHeight: 480,
      show: false,
      title: 'Mailmitt',
      icon,
      autoHideMenuBar: true,
      webPreferences: {
        preload: this.#options.preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        // Chromium would fetch its dictionaries from the network.
        spellcheck: false,
      },
    });
    window.once('ready-to-show', () => window.show());
    window.on('close', (event) => {
      if (this.#isQuitting) return;
      event.preventDefault();
      window.hide();
    });
    window.on('closed', () => (this.#window = null));
    window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
      log.error(`The window's process ended: ${reason} (${exitCode})`);
    });
    void window.loadURL(this.#options.url);
    return window;
  }
}
