import type { OpenApiDocument } from '../../operations/openapi-types.js';
import { html } from './html.js';
import { page } from './page.js';
import { prose } from './prose.js';
import { operationSection, type Placed } from './reference-operation.js';

function placedOperations(document: OpenApiDocument): Placed[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
}

function titleOf(tag: string): string {
  const words = tag.replaceAll('_', ' ').replace(/^api /, 'API ').replace(/^ai /, 'AI ');
  return words[0]!.toUpperCase() + words.slice(1);
}

/** The reference: every operation of the document, readable without a script; the script only filters and tries. */
export function referencePage(document: OpenApiDocument): Buffer {
  const placed = placedOperations(document);
  const groups = document.tags.map(({ name }) => ({
    name,
    operations: placed.filter(({ operation }) => operation.tags[0] === name),
  }));
  const nav = html`<p class="brand"><a href="/docs">Heddle</a> <small>${document.info.version}</small></p>
<label class="filter">Find <input type="search" id="filter" placeholder="messages, POST, /v1/…" autocomplete="off"></label>
<p><a href="/docs/events">Events</a> · <a href="/docs/problems">Problems</a> · <a href="/openapi.json">openapi.json</a></p>
${groups.map(
  ({ name, operations }) => html`<section><h2><a href="#${name}">${titleOf(name)}</a></h2><ul>
${operations.map(({ method, operation }) => html`<li><a href="#${operation.operationId}"><b class="method ${method}">${method.toUpperCase()}</b> ${operation.summary.replace(/\.$/, '')}</a></li>`)}
</ul></section>`,
)}`;
  const main = html`<header><h1>${document.info.title}: the API</h1>${prose(document.info.description)}
<p>The commands below take the address and the key from two variables. These are those of a Heddle that runs as it comes, in its folder:</p>
<pre tabindex="0"><code>export HEDDLE_URL=http://127.0.0.1:4400
export HEDDLE_API_KEY=$(cat .heddle/default-key)</code></pre>
<label class="key">Your key, for “Try it here”; it stays in this page <input type="password" id="key" autocomplete="off" spellcheck="false"></label></header>
${groups.map(
  ({ name, operations }) => html`<article id="${name}"><h2>${titleOf(name)}</h2>
${operations.map((one) => operationSection(document, one))}</article>`,
)}`;
  return page({ title: 'Heddle: the API', nav, main });
}
