import { open } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { ApiClient, type Patience, SHORT_PATIENCE } from '../api-client.js';
import { Failure } from '../failure.js';
import type { Surroundings } from '../operation-command.js';
import { keyFor, serverUrl } from '../server-address.js';
import { writeLine } from '../terminal.js';
import { importLines } from './import-lines.js';
import { ImportProgress } from './import-progress.js';
import { BATCH_LIMITS, lineBatches, ORGANIZATIONS_LIMITS } from './line-batches.js';
import { importPath, sendLines } from './send-lines.js';
import { takeByOrganization } from './take-by-organization.js';

interface ImportOptions {
  workspaceFrom?: string;
  workspace?: string;
}

/** Nobody wants to watch a long import: ten times in all, 55 s, also after an error of the server's own. */
const LONG_PATIENCE: Patience = {
  pausesMs: [200, 400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000],
  isTemporary: (answer) => answer.status >= 500 || SHORT_PATIENCE.isTemporary(answer),
};

async function openSource(file: string): Promise<{ bytes: AsyncIterable<Buffer>; whole: number | null }> {
  if (file === '-') return { bytes: process.stdin, whole: null };
  try {
    const handle = await open(file);
    const found = await handle.stat();
    if (found.isDirectory()) {
      await handle.close();
      throw Object.assign(new Error('It is a folder.'), { code: 'EISDIR' });
    }
    return { bytes: handle.createReadStream(), whole: found.isFile() ? found.size : null };
  } catch (error) {
    throw new Failure(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

async function runImport(file: string, options: ImportOptions, { env, terminal, fetch, sleep }: Surroundings) {
  const byOrganization = options.workspaceFrom !== undefined;
  const url = serverUrl(env);
  const key = keyFor(byOrganization || options.workspace !== undefined ? 'root' : 'workspace', url, env);
  const client = new ApiClient({ url, key, patience: LONG_PATIENCE, fetch, sleep });
  const { bytes, whole } = await openSource(file);
  const progress = new ImportProgress(terminal.err, terminal.draws);
  const take = byOrganization
    ? takeByOrganization(client, url)
    : (lines: Buffer) => sendLines(client, importPath(options.workspace), url, lines);
  try {
    const counts = await importLines(take, lineBatches(bytes, byOrganization ? ORGANIZATIONS_LIMITS : BATCH_LIMITS), {
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
      'Bring in conversations of another system, one a line of NDJSON. What is in already is skipped, so an import that was cut off is run again.\n\nThe last line on standard output has the counts; refused lines go to standard error, and make the exit status 1. Lines that were sent again because their answer was cut off may count as skipped though this run brought them in.',
    )
    .argument('<file>', 'the file, or - for standard input')
    .addOption(
      new Option('--workspace-from <field>', 'a workspace an organization, found again by its external id (root key)')
        .choices(['organization'])
        .conflicts('workspace'),
    )
    .option('--workspace <id>', 'the workspace to bring them into (root key)')
    .action((file: string, options: ImportOptions) => runImport(file, options, surroundings));
}
