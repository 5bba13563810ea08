import { type CommandOption, type FixedValue, optionsOf } from './command-line-options.js';
import { UsageError } from './command-line-usage.js';
import { optionValue } from './command-line-value.js';
import { jsonSchemaOf } from './openapi-schemas.js';
import type { Operation } from './operation.js';

export type { CommandOption } from './command-line-options.js';
export { UsageError } from './command-line-usage.js';

/** Options that every command has, or that say how a request is sent: a field of such a name is set by `--body`. */
const RESERVED = new Set(['json', 'body', 'idempotency-key', 'if-match', 'all', 'url', 'help', 'version']);

/** How an operation is called on the command line: `heddle conversations assign ID --assignee-type user …`. */
export interface CommandShape {
  operation: Operation;
  /** `conversations`, `assign`: the operation's name, with dashes. */
  words: readonly string[];
  /** The path's parameters, in its order. */
  positionals: readonly { name: string; description: string }[];
  options: readonly CommandOption[];
  fixed: readonly FixedValue[];
  /** Whether it takes `--body`. */
  takesBody: boolean;
  /** Whether it takes `--all`: its answer is a page of a list. */
  pages: boolean;
}

/** A request as a command's arguments ask for it; the edge validates it like any other. */
export interface CommandRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Undefined where the operation takes none. */
  body: unknown;
}

export function commandOf(operation: Operation): CommandShape {
  const params = jsonSchemaOf(operation.params, 'input');
  const query = optionsOf('query', jsonSchemaOf(operation.query, 'input')).options;
  const body = operation.body === null ? null : optionsOf('body', jsonSchemaOf(operation.body, 'input'));
  const inQuery = new Set(query.map(({ flag }) => flag));
  const bodyOptions = (body?.options ?? []).filter(({ flag }) => !inQuery.has(flag));
  return {
    operation,
    words: operation.name.split('.').map((word) => word.replaceAll('_', '-')),
    positionals: [...operation.path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => ({
      name: name!,
      description: params.properties?.[name!]?.description ?? '',
    })),
    options: [...query, ...bodyOptions].filter(({ flag }) => !RESERVED.has(flag)),
    fixed: body?.fixed ?? [],
    takesBody: operation.body !== null,
    pages: inQuery.has('cursor'),
  };
}

function setAt(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = root;
  for (const key of path.slice(0, -1)) {
    if (typeof at[key] !== 'object' || at[key] === null) at[key] = {};
    at = at[key] as Record<string, unknown>;
  }
  at[path.at(-1)!] = value;
}

function has(root: unknown, path: readonly string[]): boolean {
  let at = root;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false;
    at = (at as Record<string, unknown>)[key];
  }
  return true;
}

/** A constant is sent where its object is: one of an optional object, only with another field of it. */
function addFixed(body: Record<string, unknown>, fixed: readonly FixedValue[]): void {
  for (const { path, value } of fixed) if (!has(body, path)) setAt(body, path, value);
}

function requestBody(
  shape: CommandShape,
  given: Readonly<Record<string, string | readonly string[] | boolean>>,
  whole: unknown,
): unknown {
  if (!shape.takesBody) return undefined;
  const options = shape.options.filter(({ place, flag }) => place === 'body' && given[flag] !== undefined);
  const isObject = typeof whole === 'object' && whole !== null && !Array.isArray(whole);
  if (whole !== undefined && !isObject) {
    if (options.length > 0) throw new UsageError('A --body that is no JSON object takes no further options.');
    return whole;
  }
  const body = structuredClone((whole ?? {}) as Record<string, unknown>);
  for (const option of options) setAt(body, option.path, optionValue(option, given[option.flag]!));
  if (whole === undefined) addFixed(body, shape.fixed);
  const missing = shape.options.filter(
    ({ place, required, path }) => place === 'body' && required && whole === undefined && !has(body, path),
  );
  if (missing.length > 0) {
    throw new UsageError(`Missing: ${missing.map(({ flag }) => `--${flag}`).join(', ')} (or --body with all of it).`);
  }
  return body;
}

/**
 * The request that a command line asks for. `given` holds the options by their flag, `whole` the value of `--body`,
 * whose fields the options overwrite. Throws UsageError.
 */
export function requestOf(
  shape: CommandShape,
  positionals: readonly string[],
  given: Readonly<Record<string, string | readonly string[] | boolean>>,
  whole?: unknown,
): CommandRequest {
  const values = new Map(shape.positionals.map(({ name }, at) => [name, positionals[at] ?? '']));
  const path = shape.operation.path.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(values.get(name)!));
  const query = new URLSearchParams();
  for (const option of shape.options) {
    const value = given[option.flag];
    if (option.place !== 'query' || value === undefined) {
      if (option.place === 'query' && option.required) throw new UsageError(`Missing: --${option.flag}.`);
      continue;
    }
    for (const item of Array.isArray(value) ? value : [value]) query.append(option.path.join('.'), String(item));
  }
  return { method: shape.operation.method, path, query, body: requestBody(shape, given, whole) };
}
