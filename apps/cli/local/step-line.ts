import type { Terminal } from '../terminal.js';

/** A line about a long step, drawn over on a terminal and not written elsewhere. */
export class StepLine {
  private drawn = false;

  constructor(private readonly terminal: Terminal) {}

  show(text: string): void {
    if (!this.terminal.draws) return;
    this.terminal.err.write(`\r\u001b[2K${text}`);
    this.drawn = true;
  }

  end(): void {
    if (this.drawn) this.terminal.err.write('\r\u001b[2K');
    this.drawn = false;
  }
}
