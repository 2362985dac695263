import { expect, test } from 'vitest';
import type { CertificateInfo } from '../../../../preload/contract.ts';
import { Certificate } from '../../../../renderer/settings/certificate.svelte.ts';
import { TestBridge } from '../support/test-bridge.ts';

const info: CertificateInfo = {
  names: ['localhost', '127.0.0.1'],
  validFrom: 0,
  validTo: 1,
  fingerprint: 'AA:BB',
  path: '/data/smtp-certificate.pem',
  isOwn: false,
};
const renewed = { ...info, fingerprint: 'CC:DD' };

test('what is in use shows', async () => {
  const certificate = new Certificate(new TestBridge().answer('certificate.info', () => info));
  await certificate.load();
  expect([certificate.info, certificate.error]).toEqual([info, '']);
});

test('that there is none to use shows, until there is one again', async () => {
  const bridge = new TestBridge().answer('certificate.info', () => info);
  const certificate = new Certificate(bridge);
  await certificate.load();
  bridge.fail('certificate.info', 'The certificate file /own.pem does not exist.');
  await certificate.load();
  expect([certificate.info, certificate.error]).toEqual([null, 'The certificate file /own.pem does not exist.']);
  await certificate.load();
  expect([certificate.info, certificate.error]).toEqual([info, '']);
});

test('a new one takes its place, and that is said', async () => {
  const certificate = new Certificate(new TestBridge().answer('certificate.renew', () => renewed));
  const renewing = certificate.renew();
  expect(certificate.busy).toBe(true);
  await renewing;
  expect([certificate.info, certificate.busy]).toEqual([renewed, false]);
  expect(certificate.outcome).toMatch(/^Renewed/);
});

test('where it was saved is said, and nothing where that was cancelled', async () => {
  const bridge = new TestBridge().answer('certificate.export', () => ({ path: '/home/anna/mailmitt.pem' }));
  const certificate = new Certificate(bridge);
  await certificate.export();
  expect(certificate.outcome).toContain('/home/anna/mailmitt.pem');
  bridge.answer('certificate.export', () => null);
  await certificate.export();
  expect(certificate.outcome).toBe('');
});

test('what fails leaves the one that is shown, and the buttons usable', async () => {
  const bridge = new TestBridge().answer('certificate.info', () => info).answer('certificate.renew', () => renewed);
  const certificate = new Certificate(bridge);
  await certificate.load();
  bridge.fail('certificate.renew', 'It cannot be kept.');
  await expect(certificate.renew()).rejects.toThrow('It cannot be kept.');
  expect([certificate.info, certificate.outcome, certificate.busy]).toEqual([info, '', false]);
});
