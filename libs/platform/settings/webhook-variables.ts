import { isIP } from 'node:net';
import { z } from 'zod';
import type { Setting } from './setting.js';

/** Where Heddle may send to when a workspace says so, beyond https and the public internet. */
export interface WebhookTargets {
  /** Whether without TLS, too. */
  http: boolean;
  /** Networks that are not of the public internet, as CIDRs. */
  networks: readonly string[];
}

export interface WebhookSettings extends WebhookTargets {
  /** For how many days attempts are kept. */
  attemptDays: number;
}

/** Such as 10.0.0.0/8 or fd00::/8. */
function isNetwork(text: string): boolean {
  const [, address = '', bits] = /^([0-9A-Fa-f.:]+)\/(\d{1,3})$/.exec(text) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(bits) <= (version === 4 ? 32 : 128);
}

export const WEBHOOK_VARIABLES = [
  {
    name: 'HEDDLE_WEBHOOK_HTTP',
    default: 'false',
    meaning: 'Whether webhooks may go to http:// addresses, without TLS: true or false.',
    fix: 'set true or false',
    schema: z.enum(['true', 'false']).default('false'),
  },
  {
    name: 'HEDDLE_WEBHOOK_NETWORKS',
    default: 'none',
    meaning:
      'Networks beyond the public internet that webhooks may go to, such as 10.1.0.0/16,fd00:1::/32; every workspace may send there.',
    fix: 'set networks as address/bits, several with commas between them, such as 10.1.0.0/16,fd00:1::/32',
    schema: z
      .string()
      .transform((value) => value.split(',').map((network) => network.trim()))
      .pipe(z.array(z.string().refine(isNetwork)))
      .default([]),
  },
  {
    name: 'HEDDLE_WEBHOOK_ATTEMPT_DAYS',
    default: '30',
    meaning: 'For how many days is kept what webhook endpoints were sent, and what they answered.',
    fix: 'set a whole number from 1 to 365',
    schema: z
      .string()
      .regex(/^\d{1,3}$/)
      .default('30')
      .transform(Number)
      .pipe(z.number().min(1).max(365)),
  },
] as const satisfies readonly Setting[];
