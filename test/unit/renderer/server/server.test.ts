import { expect, test } from 'vitest';
import type { ServerStatus } from '../../../../preload/contract.ts';
import { formatAddress, isLoopback, reachableHost } from '../../../../renderer/server/address.ts';
import { Server } from '../../../../renderer/server/server.svelte.ts';
import { TestBridge } from '../support/test-bridge.ts';

const listening: ServerStatus = { state: 'listening', host: '127.0.0.1', port: 1025, tlsPort: null };
const stopped: ServerStatus = { state: 'stopped', host: '127.0.0.1', port: 1025, tlsPort: null };

test('the server starts, stops, and is busy in between', async () => {
  const bridge = new TestBridge()
    .answer('server.status', () => stopped)
    .answer('server.start', () => listening)
    .answer('server.stop', () => stopped);
  const server = new Server(bridge);
  await server.load();
  expect(server.status).toEqual(stopped);

  const starting = server.start();
  expect(server.busy).toBe(true);
  await starting;
  expect(server.status).toEqual(listening);
  expect(server.busy).toBe(false);

  await server.stop();
  expect(server.status).toEqual(stopped);
});

test.each([{ port: 1026 }, { tlsPort: 1466 }])('another port is passed on: %j', async (ports) => {
  const bridge = new TestBridge().answer('server.start', ({ port = 1025, tlsPort = null }) => ({
    ...listening,
    ...{ port, tlsPort },
  }));
  const server = new Server(bridge);
  await server.start(ports);
  expect(bridge.asked('server.start')).toEqual([ports]);
  expect(server.status).toEqual({ ...listening, ...ports });
});

test('a start that fails leaves the button usable', async () => {
  const server = new Server(new TestBridge().answer('server.start', () => Promise.reject(new Error('No.'))));
  await expect(server.start()).rejects.toThrow('No.');
  expect(server.busy).toBe(false);
});

test('what happens to the server elsewhere shows', () => {
  const bridge = new TestBridge();
  const server = new Server(bridge);
  bridge.tell('server.changed', listening);
  expect(server.status).toEqual(listening);
});

test.each([
  { host: '127.0.0.1', address: '127.0.0.1:1025', loopback: true, reachable: '127.0.0.1' },
  { host: '127.1.2.3', address: '127.1.2.3:1025', loopback: true, reachable: '127.1.2.3' },
  { host: 'localhost', address: 'localhost:1025', loopback: true, reachable: 'localhost' },
  { host: '::1', address: '[::1]:1025', loopback: true, reachable: '::1' },
  { host: '0.0.0.0', address: '0.0.0.0:1025', loopback: false, reachable: '127.0.0.1' },
  { host: '::', address: '[::]:1025', loopback: false, reachable: '::1' },
  { host: '192.168.1.20', address: '192.168.1.20:1025', loopback: false, reachable: '192.168.1.20' },
  {
    host: '127.0.0.1.example.com',
    address: '127.0.0.1.example.com:1025',
    loopback: false,
    reachable: '127.0.0.1.example.com',
  },
])('$host', ({ host, address, loopback, reachable }) => {
  expect(formatAddress({ host, port: 1025 })).toBe(address);
  expect(isLoopback(host)).toBe(loopback);
  expect(reachableHost(host)).toBe(reachable);
});
