import { readFile } from 'node:fs/promises';

/** A TCP connection, by its ports. */
export interface Ends {
  readonly localPort?: number | undefined;
  readonly remotePort?: number | undefined;
}

/** What Linux says of the connections of this network namespace. */
const FILES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** `sl local_address rem_address st tx_queue:rx_queue …`: addresses, ports and bytes in hexadecimal digits. */
const ROW = /^ *\d+: [\dA-F]+:([\dA-F]+) [\dA-F]+:([\dA-F]+) [\dA-F]+ ([\dA-F]+):/;
/** One look is good for all who ask so soon after one another. */
const GOOD_FOR_MS = 1000;

/**
 * What the kernel keeps for the other ends of connections: bytes that were written, and that these ends have not taken. A
 * process does not see it by its own writes: Linux takes up to 4 MiB, and the next only when a third of that is gone.
 */
export class UnsentBytes {
  private looked: { at: number; bytes: Promise<ReadonlyMap<string, number>> } | null = null;

  constructor(private readonly goodForMs = GOOD_FOR_MS) {}

  /** Null where nobody knows: it is gone, or this is no Linux. */
  async to({ localPort, remotePort }: Ends): Promise<number | null> {
    if (localPort === undefined || remotePort === undefined) return null;
    const now = performance.now();
    if (this.looked === null || now - this.looked.at > this.goodForMs) this.looked = { at: now, bytes: look() };
    return (await this.looked.bytes).get(nameOf(localPort, remotePort)) ?? null;
  }
}

/** Of several with the same ports, from other addresses, together. */
async function look(): Promise<ReadonlyMap<string, number>> {
  const bytes = new Map<string, number>();
  for (const file of FILES) {
    const text = await readFile(file, 'latin1').catch(() => '');
    for (const line of text.split('\n')) {
      const row = ROW.exec(line);
      if (row === null) continue;
      const [localPort, remotePort, unsent] = row.slice(1).map((digits) => Number.parseInt(digits, 16));
      const name = nameOf(localPort!, remotePort!);
      bytes.set(name, (bytes.get(name) ?? 0) + unsent!);
    }
  }
  return bytes;
}

function nameOf(localPort: number, remotePort: number): string {
  return `${localPort} ${remotePort}`;
}
