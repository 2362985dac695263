// Electron offers no way to a tray that exists: the tests find its menu where this puts it.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- Electron's --require loads CommonJS
const { Tray } = require('electron');

// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with the tray it belongs to
const { setContextMenu } = Tray.prototype;
/** @param {Electron.Menu | null} menu */
Tray.prototype.setContextMenu = function (menu) {
  Object.assign(globalThis, { trayMenu: menu });
  setContextMenu.call(this, menu);
};
