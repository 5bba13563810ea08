import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFoldersOfDeadRuns } from './dead-runs.js';

it('removes the folders of processes that are gone, with what is in them, and no others', () => {
  const within = mkdtempSync(join(tmpdir(), 'heddle-dead-runs-'));
  try {
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    const kept = [`some-${process.pid}-x`, `other-${dead}-x`, 'some-x', 'some-'];
    for (const name of [...kept, `some-${dead}-x`]) mkdirSync(join(within, name));
    writeFileSync(join(within, `some-${dead}-x`, 'file'), '');
    removeFoldersOfDeadRuns('some-', within);
    expect(readdirSync(within).sort()).toEqual(kept.sort());
  } finally {
    rmSync(within, { recursive: true, force: true });
  }
});
