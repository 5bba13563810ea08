import type { Writable } from 'node:stream';

export interface ImportCounts {
  read: number;
  created: number;
  skipped: number;
  refused: number;
  messages: number;
}

const WIDTH = 24;
const CLEAR = '\r\u001b[2K';

/** One line that is drawn over: a bar where the whole is known (bytes of a file), the counts always. */
export function progressLine(counts: ImportCounts, done: number, whole: number | null): string {
  const numbers = `${counts.read} conversations, ${counts.messages} messages, ${counts.refused} refused`;
  if (whole === null) return numbers;
  const part = whole === 0 ? 1 : Math.min(1, done / whole);
  const full = Math.round(part * WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${String(Math.floor(part * 100)).padStart(3)} %  ${numbers}`;
}

/** Draws on a terminal, and only there; lines of text go above the bar. */
export class ImportProgress {
  private shown = '';

  constructor(
    private readonly err: Writable,
    private readonly draws: boolean,
  ) {}

  show(counts: ImportCounts, done: number, whole: number | null): void {
    if (!this.draws) return;
    this.shown = progressLine(counts, done, whole);
    this.err.write(CLEAR + this.shown);
  }

  say(line: string): void {
    this.err.write(this.draws && this.shown !== '' ? `${CLEAR}${line}\n${this.shown}` : `${line}\n`);
  }

  end(): void {
    if (this.draws && this.shown !== '') this.err.write('\n');
    this.shown = '';
  }
}
