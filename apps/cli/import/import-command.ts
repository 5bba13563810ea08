import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { ApiClient } from '../api-client.js';
import { Failure } from '../failure.js';
import type { Surroundings } from '../operation-command.js';
import { keyFor, serverUrl } from '../server-address.js';
import { writeLine } from '../terminal.js';
import { importLines } from './import-lines.js';
import { ImportProgress } from './import-progress.js';
import { lineBatches } from './line-batches.js';

interface ImportOptions {
  workspaceFrom?: string;
  workspaceId?: string;
}

async function openSource(file: string): Promise<{ bytes: AsyncIterable<Buffer>; whole: number | null }> {
  if (file === '-') return { bytes: process.stdin, whole: null };
  try {
    const { size } = await stat(file);
    const bytes = createReadStream(file);
    await new Promise((opened, failed) => bytes.once('open', opened).once('error', failed));
    return { bytes, whole: size };
  } catch (error) {
    throw new Failure(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

async function runImport(file: string, options: ImportOptions, { env, terminal, fetch, sleep }: Surroundings) {
  const query = new URLSearchParams();
  if (options.workspaceFrom !== undefined) query.set('workspace_from', options.workspaceFrom);
  if (options.workspaceId !== undefined) query.set('workspace_id', options.workspaceId);
  const url = serverUrl(env);
  const client = new ApiClient({ url, key: keyFor(query.size > 0 ? 'root' : 'workspace', url, env), fetch, sleep });
  const { bytes, whole } = await openSource(file);
  const progress = new ImportProgress(terminal.err, terminal.draws);
  const path = query.size > 0 ? `/v1/import?${query}` : '/v1/import';
  try {
    const counts = await importLines(client, path, url, lineBatches(bytes), {
      onRefused: ({ line, code, detail }) => progress.say(`line ${line}: ${code}: ${detail}`),
      onBatch: (soFar, endsAt) => progress.show(soFar, endsAt, whole),
    });
    progress.end();
    await writeLine(terminal.out, JSON.stringify(counts));
    if (counts.refused > 0) process.exitCode = 1;
  } finally {
    progress.end();
  }
}

/** `heddle import`: the client of `POST /v1/import`. */
export function addImport(program: Command, surroundings: Surroundings): void {
  program
    .command('import')
    .summary('bring in conversations of another system')
    .description(
      'Bring in conversations of another system, one a line of NDJSON. What is in already is skipped, so an import that was cut off is run again.\n\nThe last line on standard output has the counts; refused lines go to standard error, and make the exit status 1.',
    )
    .argument('<file>', 'the file, or - for standard input')
    .addOption(
      new Option('--workspace-from <field>', 'a workspace an organization, found again by its external id (root key)')
        .choices(['organization'])
        .conflicts('workspaceId'),
    )
    .option('--workspace-id <id>', 'the workspace to bring them into (root key)')
    .action((file: string, options: ImportOptions) => runImport(file, options, surroundings));
}
