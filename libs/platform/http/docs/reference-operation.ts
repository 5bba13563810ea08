import type { OpenApiDocument, OpenApiOperation, OpenApiParameter } from '../../operations/openapi-types.js';
import { type Html, html } from './html.js';
import { prose } from './prose.js';
import { fieldRow, fieldTable, schemaTable } from './schema-table.js';

export interface Placed {
  method: string;
  path: string;
  operation: OpenApiOperation;
}

/** Who may call it, in one sentence. */
function permission(operation: OpenApiOperation): string {
  const scopes = operation['x-heddle-scopes'].map((scope) => `\`${scope}\``).join(' and ');
  switch (operation['x-heddle-access']) {
    case 'public':
      return 'Needs no key.';
    case 'root':
      return 'Needs the root key.';
    case 'workspace_or_root':
      return `Needs a workspace’s key with ${scopes}, or the root key.`;
    default:
      return scopes === '' ? 'Needs a workspace’s key.' : `Needs a workspace’s key with ${scopes}.`;
  }
}

/** The path with the examples of its parameters in it, and the query that the examples make. */
export function examplePath(path: string, parameters: readonly OpenApiParameter[]): string {
  const filled = parameters
    .filter((parameter) => parameter.in === 'path' && parameter.example !== undefined)
    .reduce((text, { name, example }) => text.replace(`{${name}}`, String(example)), path);
  const query = parameters
    .filter((parameter) => parameter.in === 'query' && parameter.example !== undefined)
    .map(({ name, example }) => `${encodeURIComponent(name)}=${encodeURIComponent(String(example))}`)
    .join('&');
  return query === '' ? filled : `${filled}?${query}`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The request as one command of curl; `$HEDDLE_URL` and `$HEDDLE_API_KEY` are those of the command line. */
export function curl({ method, path, operation }: Placed): string {
  const [mediaType, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const lines = [`curl "$HEDDLE_URL"${shellQuoted(examplePath(path, operation.parameters ?? []))}`];
  if (method !== 'get') lines.push(`-X ${method.toUpperCase()}`);
  if (operation.security.length > 0) lines.push('-H "Authorization: Bearer $HEDDLE_API_KEY"');
  if (mediaType !== undefined) lines.push(`-H 'Content-Type: ${mediaType}'`);
  if (mediaType === 'application/x-ndjson') lines.push('--data-binary @FILE.ndjson');
  else if (body !== undefined) lines.push(`-d ${shellQuoted(JSON.stringify(body.example ?? {}))}`);
  return lines.join(' \\\n  ');
}

/** The request as a command of ours; a stream of lines is sent from a file. */
function heddle({ path, operation }: Placed): string {
  const words = operation.operationId.split('.').map((word) => word.replaceAll('_', '-'));
  const [mediaType] = Object.keys(operation.requestBody?.content ?? {});
  if (mediaType === 'application/x-ndjson') return `npx heddle ${words[0]} FILE.ndjson`;
  const positionals = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => `<${match[1]}>`);
  return ['npx heddle', ...words, ...positionals].join(' ');
}

function parameters(operation: OpenApiOperation, schemas: OpenApiDocument['components']['schemas']): Html | null {
  const rows = (operation.parameters ?? []).map(({ name, required, schema, description, in: place }) =>
    fieldRow(
      place === 'header' ? `${name}:` : place === 'query' ? `?${name}` : `{${name}}`,
      required,
      { ...schema, ...(description === undefined ? {} : { description }) },
      schemas,
    ),
  );
  const table = fieldTable(rows);
  return table && html`<h4>Parameters</h4>${table}`;
}

function problemCodes(document: OpenApiDocument, operation: OpenApiOperation): Html[] {
  return Object.entries(operation.responses).flatMap(([status, { $ref }]) => {
    const response = $ref === undefined ? null : document.components.responses[$ref.split('/').at(-1)!];
    const codes = response?.content?.['application/problem+json']?.schema.allOf?.[1]?.properties?.code?.enum ?? [];
    return codes.map(
      (code) => html`<li><a href="/docs/problems#${String(code)}"><b>${status}</b> ${String(code)}</a></li>`,
    );
  });
}

function goodAnswers(document: OpenApiDocument, operation: OpenApiOperation): Html[] {
  return Object.entries(operation.responses)
    .filter(([, { $ref }]) => $ref === undefined)
    .map(([status, { description, content }]) => {
      const [mediaType, answer] = Object.entries(content ?? {})[0] ?? [];
      return html`<details><summary><b>${status}</b> ${description}${mediaType && html` <small>${mediaType}</small>`}</summary>
${answer && schemaTable(answer.schema, document.components.schemas)}</details>`;
    });
}

function tryIt({ method, path, operation }: Placed): Html {
  const [mediaType, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  return html`<details class="try"><summary>Try it here</summary>
<form data-method="${method.toUpperCase()}" data-media-type="${mediaType}" data-changes="${(operation.parameters ?? []).some(({ name }) => name === 'Idempotency-Key') && 'yes'}">
<label>Path <input name="path" value="${examplePath(path, operation.parameters ?? [])}" spellcheck="false" autocomplete="off"></label>
${mediaType && html`<label>Body <textarea name="body" rows="6" spellcheck="false">${JSON.stringify(body?.example ?? {}, null, 2)}</textarea></label>`}
<button type="submit">Send ${method.toUpperCase()}</button><output></output></form></details>`;
}

/** One operation of the reference. */
export function operationSection(document: OpenApiDocument, placed: Placed): Html {
  const { method, path, operation } = placed;
  const [body, ...others] = Object.entries(operation.requestBody?.content ?? {});
  const { schemas } = document.components;
  return html`<section id="${operation.operationId}" data-search="${`${operation.operationId} ${method} ${path} ${operation.summary}`.toLowerCase()}">
<h3><a href="#${operation.operationId}">${operation.summary.replace(/\.$/, '')}</a>${operation['x-heddle-stability'] === 'beta' && html` <mark>beta</mark>`}</h3>
<p class="route"><b class="method ${method}">${method.toUpperCase()}</b> <code>${path}</code></p>
${operation.description && prose(operation.description)}
${prose(permission(operation))}
<pre tabindex="0"><code>${curl(placed)}</code></pre>
<pre tabindex="0"><code>${heddle(placed)}</code></pre>
${parameters(operation, schemas)}
${body && html`<h4>Body <small>${body[0]}</small></h4>${schemaTable(body[1].schema, schemas)}`}
${others.map(([type, { schema }]) => html`<details><summary>Body <small>${type}</small></summary>${schemaTable(schema, schemas)}</details>`)}
<h4>Answers</h4>
${goodAnswers(document, operation)}
<details><summary>Problems</summary><ul class="problems">${problemCodes(document, operation)}</ul></details>
${tryIt(placed)}
</section>`;
}
