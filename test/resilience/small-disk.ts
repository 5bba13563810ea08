import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { keepTrack } from './living.js';

/** A disk of a fixed size, in memory: it can be filled to the last byte and emptied again. Needs root, on Linux. */
export class SmallDisk {
  readonly #untrack = keepTrack(() => this.unmount());

  private constructor(readonly folder: string) {}

  /** Null, with the reason, where mounting is not allowed. */
  static mount(folder: string, megabytes: number): SmallDisk | { refused: string } {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      return { refused: 'mounting a small disk needs root on Linux' };
    mkdirSync(folder, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', folder], { stdio: 'pipe' });
    } catch (error) {
      return { refused: `mount says: ${(error as Error).message.split('\n').at(-1)}` };
    }
    return new SmallDisk(folder);
  }

  /** Writes until nothing more fits. */
  fill(): void {
    const file = openSync(join(this.folder, 'ballast'), 'a');
    try {
      for (let size = 16 * 1024 * 1024; size >= 4096; ) {
        try {
          if (writeSync(file, Buffer.alloc(size)) < size) size = 4096;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          size = Math.floor(size / 4);
        }
      }
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(join(this.folder, 'ballast'), { force: true });
  }

  /** Waits, 10 s at most, for processes that are on their way out. */
  async unmount(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        execFileSync('umount', [this.folder], { stdio: 'pipe' });
        break;
      } catch (error) {
        if (tries === 100) throw error;
        await sleep(100);
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
    this.#untrack();
  }
}
