import { readFileSync } from 'node:fs';

/** Columns of /proc/net/tcp: of the local address, and of what the kernel keeps of what was sent, in hex. */
const [LOCAL, QUEUES] = [1, 4];
const ESTABLISHED = '01';

/**
 * Bytes that the kernel keeps for the other ends of a port's connections, each: written by the process, and not taken.
 * Linux only; null elsewhere.
 */
export function unsentBytes(port: number): number[] | null {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  try {
    return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
      const rows = readFileSync(file, 'utf8').trim().split('\n').slice(1);
      const columns = rows.map((row) => row.trim().split(/\s+/));
      return columns
        .filter((row) => row[LOCAL]!.endsWith(`:${hex}`) && row[3] === ESTABLISHED)
        .map((row) => Number.parseInt(row[QUEUES]!.split(':')[0]!, 16));
    });
  } catch {
    return null;
  }
}
