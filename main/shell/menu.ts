import { Menu } from 'electron';

/** Sets the application's menu: the keys that people expect of any program (copy, zoom, quit), and nothing else yet. */
export function setAppMenu(): void {
  const menu = Menu.buildFromTemplate([
    ...(process.platform === 'darwin' ? ([{ role: 'appMenu' }] as const) : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    { role: 'viewMenu' },
    { role: 'windowMenu' },
  ]);
  Menu.setApplicationMenu(menu);
}
