import { PassThrough } from 'node:stream';
import { ImportProgress, progressLine } from './import-progress.js';

const counts = { read: 40, created: 39, skipped: 0, refused: 1, messages: 90 };

describe('The progress of an import', () => {
  it('is a bar where the whole is known, and numbers where it is not', () => {
    expect(progressLine(counts, 50, 100)).toBe(
      `${'█'.repeat(12)}${'░'.repeat(12)}  50 %  40 conversations, 90 messages, 1 refused`,
    );
    expect(progressLine(counts, 50, null)).toBe('40 conversations, 90 messages, 1 refused');
    expect(progressLine(counts, 0, 0)).toContain('100 %');
  });

  it('is drawn on a terminal only; refusals are said anyway', () => {
    const file = new PassThrough();
    const quiet = new ImportProgress(file, false);
    quiet.show(counts, 1, 2);
    quiet.say('line 3: malformed_request');
    quiet.end();
    expect(String(file.read())).toBe('line 3: malformed_request\n');

    const screen = new PassThrough();
    const drawn = new ImportProgress(screen, true);
    drawn.show(counts, 1, 2);
    drawn.say('line 3: malformed_request');
    drawn.end();
    const line = progressLine(counts, 1, 2);
    const clear = '\r\u001b[2K';
    expect(String(screen.read())).toBe(`${clear}${line}${clear}line 3: malformed_request\n${line}\n`);
  });
});
