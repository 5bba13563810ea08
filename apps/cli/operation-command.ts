import { randomUUID } from 'node:crypto';
import { type Command, Option } from 'commander';
import {
  type CommandOption,
  type CommandRequest,
  type CommandShape,
  commandOf,
  requestOf,
} from '../../libs/platform/operations/command-line.js';
import type { Operation } from '../../libs/platform/operations/operation.js';
import { answerText } from './answer-text.js';
import { ApiClient, type ApiRequest } from './api-client.js';
import { followLines } from './follow-lines.js';
import { printableJson } from './printable-json.js';
import { requireGood } from './problem-text.js';
import { keyFor, serverUrl } from './server-address.js';
import { type Terminal, writeLine } from './terminal.js';
import { wholeBody } from './whole-body.js';

export interface Surroundings {
  env: Record<string, string | undefined>;
  terminal: Terminal;
  fetch?: typeof fetch;
  sleep?: (ms: number) => Promise<unknown>;
}

type Given = Record<string, string | string[] | boolean | undefined>;

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function optionsFor(option: CommandOption): Option[] {
  const { flag, kind, repeated, required, choices, nullable } = option;
  const notes = [
    required && option.place === 'body' ? 'required' : '',
    repeated ? 'can be repeated' : '',
    nullable ? 'or null' : '',
  ];
  const noted = notes.filter((note) => note !== '').join(', ');
  const description = [option.description, noted && `(${noted})`].filter((part) => part !== '').join(' ');
  if (kind === 'boolean') return [new Option(`--${flag}`, description), new Option(`--no-${flag}`, `not ${flag}`)];
  const made = new Option(`--${flag} <${kind}>`, description);
  if (choices !== null && !repeated) return [made.choices(nullable ? [...choices, 'null'] : [...choices])];
  return [repeated ? made.argParser(collect) : made];
}

/** The command's options by the flags of its shape. */
function givenOf(shape: CommandShape, options: Given): Record<string, string | string[] | boolean> {
  const given: Record<string, string | string[] | boolean> = {};
  for (const { flag } of shape.options) {
    const value = options[new Option(`--${flag}`).attributeName()];
    if (value !== undefined) given[flag] = value;
  }
  return given;
}

/** Every page from here on, an item a line. */
async function writeAll(
  client: ApiClient,
  request: ApiRequest,
  { path, query }: CommandRequest,
  url: string,
  terminal: Terminal,
): Promise<void> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    if (cursor !== undefined) query.set('cursor', cursor);
    const answer = await client.send({ ...request, path: `${path}?${query}` });
    requireGood(answer, url);
    const page = JSON.parse(answer.text) as { data: unknown[]; next_cursor: string | null };
    for (const item of page.data) await writeLine(terminal.out, printableJson(JSON.stringify(item)));
    cursor = page.next_cursor;
  }
}

async function run(
  shape: CommandShape,
  positionals: string[],
  options: Given,
  { env, terminal, fetch, sleep }: Surroundings,
): Promise<void> {
  const whole = typeof options.body === 'string' ? wholeBody(options.body) : undefined;
  const asked = requestOf(shape, positionals, givenOf(shape, options), whole);
  const url = serverUrl(env);
  if (shape.operation.streams) {
    const key = keyFor(shape.operation.access, url, env);
    const { path, query } = asked;
    return followLines({ url, key, path, query, terminal, fetch, sleep }, options.json === true);
  }
  const client = new ApiClient({ url, key: keyFor(shape.operation.access, url, env), fetch, sleep });
  const query = asked.query.toString();
  const request: ApiRequest = {
    method: asked.method,
    path: query === '' ? asked.path : `${asked.path}?${query}`,
    ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body), contentType: 'application/json' }),
    headers: {
      ...(shape.operation.changes ? { 'idempotency-key': (options.idempotencyKey as string) ?? randomUUID() } : {}),
      ...(typeof options.ifMatch === 'string' ? { 'if-match': etag(options.ifMatch) } : {}),
    },
  };
  if (options.all === true) return writeAll(client, request, asked, url, terminal);
  const answer = await client.send(request);
  requireGood(answer, url);
  if (answer.text === '') return;
  if (options.json === true) return writeLine(terminal.out, printableJson(answer.text));
  const value = JSON.parse(answer.text) as { next_cursor?: string | null };
  await writeLine(terminal.out, answerText(value, terminal.columns));
  if (value.next_cursor) await writeLine(terminal.err, `There are more: --cursor ${value.next_cursor}, or --all.`);
}

/** `7` as well as `"7"`: shells eat the quotes. */
function etag(given: string): string {
  return /^\d+$/.test(given) ? `"${given}"` : given;
}

function groupFor(program: Command, words: readonly string[]): Command {
  return words.reduce((parent, word) => {
    const known = parent.commands.find((command) => command.name() === word);
    if (known !== undefined) return known;
    const group = parent.command(word).helpCommand(false);
    return word.includes('-') ? group.alias(word.replaceAll('-', '_')) : group;
  }, program);
}

/** Adds the command of an operation, with all that its declaration says. */
export function addOperation(program: Command, operation: Operation, surroundings: Surroundings): void {
  const shape = commandOf(operation);
  const group = groupFor(program, shape.words.slice(0, -1));
  const command = group.command(shape.words.at(-1)!).summary(operation.summary);
  const scopes = operation.scopes.length === 0 ? '' : `\nScopes: ${operation.scopes.join(', ')}`;
  command.description(
    `${[operation.summary, operation.description].filter((text) => text !== undefined).join('\n\n')}\n\n${operation.method} ${operation.path}${scopes}`,
  );
  for (const { name, description } of shape.positionals) command.argument(`<${name}>`, description);
  for (const option of shape.options) for (const made of optionsFor(option)) command.addOption(made);
  if (shape.takesBody) command.option('--body <json>', 'the whole body: JSON, @file, or - for standard input');
  if (operation.changes) command.option('--idempotency-key <key>', 'names this change (default: a new key)');
  if (operation.conditional) command.option('--if-match <version>', 'change only this version');
  if (shape.pages) command.option('--all', 'every page, as one line of JSON an item');
  command.option('--json', 'the answer as it came');
  command.action((...parts: unknown[]) =>
    run(shape, parts.slice(0, shape.positionals.length) as string[], command.opts(), surroundings),
  );
}
