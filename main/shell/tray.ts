import { Menu, type MenuItemConstructorOptions, Tray } from 'electron';
import icon from './icons/tray.png?asset';

export interface TrayActions {
  open: () => void;
  start: () => void;
  stop: () => void;
  quit: () => void;
}

/** The icon in the desktop's tray, and its menu. */
export class AppTray {
  readonly #tray: Tray;
  readonly #actions: TrayActions;

  constructor(actions: TrayActions) {
    this.#actions = actions;
    this.#tray = new Tray(icon);
    this.#tray.on('click', actions.open);
  }

  /** @param address where the server listens; null when it does not */
  show(address: string | null): void {
    this.#tray.setToolTip(address === null ? 'Mailmitt: stopped' : `Mailmitt: listening on ${address}`);
    this.#tray.setContextMenu(Menu.buildFromTemplate(this.#menu(address)));
  }

  #menu(address: string | null): MenuItemConstructorOptions[] {
    const { open, start, stop, quit } = this.#actions;
    return [
      { id: 'open', label: 'Open', click: open },
      { type: 'separator' },
      address === null
        ? { id: 'start', label: 'Start server', click: start }
        : { id: 'stop', label: `Stop server (${address})`, click: stop },
      { type: 'separator' },
      { id: 'quit', label: 'Quit', click: quit },
    ];
  }
}
