import { isIP } from 'node:net';
import { z } from 'zod';

/** Every setting there is, with its default. What is wrong is said in words that can stand beside the field. */
export const settingsSchema = z.strictObject({
  /** Where the SMTP server listens. */
  host: z
    .string()
    .refine((host) => isIP(host) !== 0 || host === 'localhost', 'An IP address of this machine, or localhost.')
    .default('127.0.0.1'),
  port: z
    .int('A whole number from 1 to 65535.')
    .min(1, 'A whole number from 1 to 65535.')
    .max(65_535, 'A whole number from 1 to 65535.')
    .default(1025),
  /** The largest message that is taken, in MiB; announced as SIZE (RFC 1870). */
  maxMessageMiB: z
    .int('A whole number from 1 to 1024.')
    .min(1, 'A whole number from 1 to 1024.')
    .max(1024, 'A whole number from 1 to 1024.')
    .default(50),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Whether only this machine reaches what listens on that host. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');
