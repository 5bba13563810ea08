import { parseArgs } from 'node:util';
import { StartupError } from '../../libs/platform/settings/startup-error.js';
import { SERVICES, type Service } from '../services.js';

const NAMES = SERVICES.map(({ name }) => name).join(', ');

/** The service that `--service` names; null without it. Throws StartupError of one line for any other argument. */
export function serviceOption(args: string[]): Service | null {
  let wanted: string | undefined;
  try {
    wanted = parseArgs({ args, options: { service: { type: 'string' } } }).values.service;
  } catch (error) {
    const { message } = error as Error;
    throw new StartupError(`${message.split('. ')[0]}: leave it out, or give --service and one of ${NAMES}.`);
  }
  if (wanted === undefined) return null;
  const service = SERVICES.find(({ name }) => name === wanted);
  if (service === undefined) throw new StartupError(`--service is "${wanted}": give one of ${NAMES}.`);
  return service;
}
