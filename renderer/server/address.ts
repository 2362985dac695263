/** @returns `127.0.0.1:1025`, `[::1]:1025` */
export function formatAddress({ host, port }: { host: string; port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** @returns whether only programs on this machine can reach a server that listens there */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** @returns where an app on this machine finds a server that listens on `host`: the unspecified address is no goal */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
