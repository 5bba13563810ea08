import { hash } from 'node:crypto';
import { idToBytes, toId } from '../../../platform/kernel/id.js';

/**
 * The stream of a message that an endpoint did not take: the same whoever tells of it, so that it becomes a dead letter once. Its
 * first 48 bits are the event's position, and not a time: ids are in the order of the log. The rest is of the endpoint and the run.
 */
export function messageIdOf(endpoint: string, run: number, position: number): string {
  const bytes = hash('sha256', `${idToBytes(endpoint).toString('hex')} ${run} ${position}`, 'buffer').subarray(0, 16);
  bytes.writeUIntBE(position, 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return toId('wdl', bytes);
}
