import type { Command } from 'commander';
import { EVENT_SCHEMAS } from '../../../libs/contract/generated/event-schemas.js';
import { backup, backupKeys } from '../../../libs/platform/backup/backup.js';
import type { Progress } from '../../../libs/platform/backup/progress.js';
import { restore } from '../../../libs/platform/backup/restore.js';
import { EventCodec } from '../../../libs/platform/event-codec/event-codec.js';
import { KeyStore } from '../../../libs/platform/keys/key-store.js';
import { migrate } from '../../../libs/platform/postgres/migrate.js';
import { rebuild } from '../../../libs/platform/projections/rebuild.js';
import type { Domain } from '../../../libs/platform/runtime/domain-module.js';
import { migrationsOf, servicesOf } from '../../../libs/platform/runtime/migrations.js';
import type { Surroundings } from '../operation-command.js';
import { writeLine } from '../terminal.js';
import { withDatabase } from './database.js';
import { StepLine } from './step-line.js';

const MIB = 1024 * 1024;

function stepText({ step, name, bytes, of }: Progress): string {
  if (step === 'rebuild') return `rebuild ${name}`;
  const whole = of === null ? '' : ` of ${(of / MIB).toFixed(0)}`;
  return `${step} ${name}: ${(bytes / MIB).toFixed(0)}${whole} MiB`;
}

/** `heddle backup`, `backup-keys` and `restore`; docs/backup.md says what goes where, and why. */
export function addBackup(program: Command, domains: readonly Domain[], { env, terminal }: Surroundings): void {
  const line = new StepLine(terminal);
  const onProgress = (progress: Progress) => line.show(stepText(progress));

  program
    .command('backup')
    .summary('copy the log into a folder, and the keys into a file')
    .description('Copy the log into a new folder, and the keys into a file apart from it, while Heddle is in use.')
    .argument('<folder>', 'a new or empty folder')
    .option('--keys <file>', 'where the keys go (default: <folder>.keys)')
    .action(async (folder: string, options: { keys?: string }) => {
      const summary = await withDatabase(env, false, (url) =>
        backup(url, folder, { keysFile: options.keys, onProgress }),
      ).finally(() => line.end());
      await writeLine(terminal.out, JSON.stringify(summary));
    });

  program
    .command('backup-keys')
    .summary('copy only the keys, as after an erasure')
    .description('Bring a keys file up to date, so that it knows of every erasure.')
    .argument('<file>', 'the newest keys file, or a new one')
    .action(async (file: string) => {
      const keys = await withDatabase(env, false, (url) => backupKeys(url, file));
      await writeLine(terminal.out, JSON.stringify({ keysFile: file, keys }));
    });

  program
    .command('restore')
    .summary('bring a backup back into an empty database')
    .description('Bring a backup back into an empty database, and build the read models.')
    .argument('<folder>', 'the folder of the backup')
    .option('--keys <file>', 'the newest keys file (default: <folder>.keys)')
    .action(async (folder: string, options: { keys?: string }) => {
      const decoder = new EventCodec(EVENT_SCHEMAS);
      const keys = new KeyStore();
      const summary = await withDatabase(env, true, (url) =>
        restore(url, folder, {
          keysFile: options.keys,
          onProgress,
          migrate: (adminUrl) => migrate(adminUrl, servicesOf(domains), migrationsOf(domains)),
          projections: domains.flatMap((domain) => domain.projections),
          rebuild: (adminUrl, projection) => rebuild(adminUrl, projection, { decoder, keys }),
        }),
      ).finally(() => line.end());
      await writeLine(terminal.out, JSON.stringify(summary));
    });
}
