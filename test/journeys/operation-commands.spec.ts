import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { exitStatus } from '../../apps/cli/exit-status.js';
import { makeProgram } from '../../apps/cli/program.js';
import { AppModule } from '../../apps/heddle/app.module.js';
import { type CommandOption, commandOf } from '../../libs/platform/operations/command-line.js';
import type { Operation } from '../../libs/platform/operations/operation.js';
import { until } from '../../libs/platform/testing/until.js';
import { created, Journey } from './journey.js';
import { type ExampleRequest, OPERATIONS, Scene } from './operation-scene.js';

let journey: Journey;
let folder: string;
beforeAll(async () => {
  journey = await Journey.begin();
  folder = await mkdtemp(join(tmpdir(), 'heddle-commands-'));
});
afterAll(async () => {
  await journey.end();
  await rm(folder, { recursive: true });
});

interface Sent {
  method: string;
  url: URL;
  body: unknown;
}

/** Runs a command as a shell would, in this process: what it printed, and the requests that it sent. */
async function heddle(args: readonly string[], key = '', out = new PassThrough()) {
  const err = new PassThrough();
  const terminal = { out, err, columns: null, draws: false };
  const sent: Sent[] = [];
  const program = makeProgram(AppModule, '0.0.0', {
    env: { HEDDLE_URL: journey.url, HEDDLE_API_KEY: key },
    terminal,
    fetch: (url, init) => {
      const json =
        typeof init?.body === 'string' && String(new Headers(init.headers).get('content-type')).includes('json');
      sent.push({
        method: init!.method!,
        url: new URL(String(url)),
        body: json ? JSON.parse(init.body as string) : undefined,
      });
      return fetch(url, init);
    },
  });
  let status = 0;
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    status = exitStatus(error, terminal);
  }
  return { status, sent, out: String(out.read() ?? ''), err: String(err.read() ?? '') };
}

/** The words of a command that asks for the example, field by field; what no option can say goes as `--body`. */
function commandFor({ operation, params, query, body }: ExampleRequest): string[] {
  const shape = commandOf(operation);
  const rest = structuredClone((body ?? {}) as Record<string, unknown>);
  const args = shape.options.flatMap((option) => {
    const [name] = option.path;
    const value = option.place === 'query' ? query[name!] : taken(rest, option.path);
    return value === undefined ? [] : wordsOf(option, value);
  });
  for (const { path } of shape.fixed) taken(rest, path);
  const left = JSON.stringify(rest) !== '{}';
  return [
    ...shape.words,
    ...shape.positionals.map(({ name }) => params[name]!),
    ...args,
    ...(left ? ['--body', JSON.stringify(body)] : []),
  ];
}

/** Takes a field out of an object, and the objects that are empty without it. */
function taken(root: Record<string, unknown>, [name, ...deeper]: readonly string[]): unknown {
  const value = root[name!];
  if (deeper.length === 0 || value === undefined) {
    delete root[name!];
    return value;
  }
  if (value === null || typeof value !== 'object') return undefined;
  const found = taken(value as Record<string, unknown>, deeper);
  if (Object.keys(value).length === 0) delete root[name!];
  return found;
}

function wordsOf({ flag, kind, repeated }: CommandOption, value: unknown): string[] {
  if (value === null) return [`--${flag}`, 'null'];
  if (kind === 'boolean') return [value === true || value === 'true' ? `--${flag}` : `--no-${flag}`];
  const words = repeated ? (value as unknown[]) : [value];
  return words.flatMap((word) => [`--${flag}`, kind === 'json' ? JSON.stringify(word) : String(word)]);
}

const commands = OPERATIONS.filter(({ consumes, socket }) => consumes !== 'application/x-ndjson' && !socket);
const streams = OPERATIONS.filter(({ consumes }) => consumes === 'application/x-ndjson');

const answered = commands.filter(({ streams }) => !streams);

describe.each(commands.map((operation) => [commandOf(operation).words.join(' '), operation] as const))(
  'heddle %s',
  (words, operation: Operation) => {
    it('helps from the declaration', async () => {
      const { status, out } = await heddle([...words.split(' '), '--help']);
      expect(status).toBe(0);
      expect(out).toContain(`${operation.method} ${operation.path}`);
      for (const { flag } of commandOf(operation).options) expect(out).toContain(`--${flag}`);
    });
  },
);

describe.each(answered.map((operation) => [commandOf(operation).words.join(' '), operation] as const))(
  'heddle %s, as its example has it,',
  (_, operation: Operation) => {
    it('is done, and prints the answer', async () => {
      const scene = await Scene.begin(journey);
      const request = await scene.requestOf(operation.name);
      const args = commandFor(request);
      const { status, sent, out, err } = await heddle([...args, '--json'], scene.keyFor(operation));
      // A job is over before a program has started that cancels it.
      if (operation.name === 'jobs.cancel' && err.includes('job_ended')) return;
      expect([args, status, err]).toEqual([args, 0, '']);
      const [last] = sent;
      expect(last!.method).toBe(operation.method);
      expect(Object.fromEntries(last!.url.searchParams)).toEqual(request.query);
      expect(last!.body ?? {}).toEqual(request.body ?? {});
      if (out !== '') expect(typeof JSON.parse(out)).toBe('object');
    });
  },
);

/** What waits to be read, which goes on waiting. */
function peeked(stream: PassThrough): string {
  const waiting: Buffer | null = stream.read();
  if (waiting !== null) stream.unshift(waiting);
  return String(waiting ?? '');
}

it('prints a stream as it comes, until nothing more is given', async () => {
  const printed = new PassThrough();
  const { workspace } = await journey.cast();
  const made = { workspace_id: workspace, name: 'x', scopes: ['*'] };
  const { id, key } = created(await journey.root.post('/v1/api_keys', made));
  const followed = heddle(['events', 'stream', '--since', 'beginning', '--type', 'customer.*,user.*'], key, printed);
  await until(() => /user\.created.*\n/.test(peeked(printed)));
  await journey.root.post(`/v1/api_keys/${id}/revoke`, { workspace_id: workspace });
  const { status, sent, out, err } = await followed;
  const lines = out.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).type).sort()).toEqual(['customer.created', 'user.created']);
  expect([status, err]).toEqual([1, expect.stringContaining('unauthenticated')]);
  expect(sent.map(({ url }) => url.searchParams.get('since'))).toEqual([
    'beginning',
    expect.stringMatching(/^[\w-]{26,}$/),
  ]);
});

test.each(streams.map(({ name }) => name))('%s is sent as a file of lines', async (name) => {
  expect(name).toBe('import.conversations');
  const scene = await Scene.begin(journey);
  const { body, query } = await scene.requestOf(name);
  const file = join(folder, 'lines.ndjson');
  await writeFile(file, `${JSON.stringify(body)}\n`);
  const { status, out } = await heddle(['import', file, '--workspace', query.workspace_id!], scene.keyFor(streams[0]!));
  expect([status, JSON.parse(out)]).toMatchObject([0, { read: 1, created: 1, refused: 0 }]);
});
