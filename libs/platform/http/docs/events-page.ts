import type { EventSchema } from '../../../contract/event-schema.js';
import { dataSchema } from '../../event-schemas/data-schema.js';
import { exampleEvent } from '../../event-schemas/example-event.js';
import { type SchemaCatalogue, versionOf } from '../../event-schemas/schema-catalogue.js';
import { changesBetween } from '../../event-schemas/schema-changes.js';
import type { JsonSchema, OpenApiDocument } from '../../operations/openapi-types.js';
import { type Html, html } from './html.js';
import { page } from './page.js';
import { prose, proseLine } from './prose.js';
import { schemaTable } from './schema-table.js';

const INTRODUCTION = `Everything that happens is one of these, with the same id, type and data on every transport: the
lists and streams of [the API](/docs), and the topics of Kafka. What is personal is sealed on the log with the key of the
person it is about. Through the API it is a text; it reads \`erased\` once that key was destroyed, and \`redacted\` where
the event was redacted. What a program can read of this page is at \`/v1/schemas\` and in [asyncapi.json](/asyncapi.json).`;

const WITHIN = `Times in \`data\` are RFC 3339, as those beside it; on Kafka they are milliseconds since 1970. A revision
adds fields with defaults, which older events show. A reader that wants a version, whatever the newest is, pins it:
\`?pin=message.created@1.0\`.`;

/** The catalogue of events: every type with its fields, versions, topic, groups and an example. */
export function eventsPage(catalogue: SchemaCatalogue, document: OpenApiDocument): Buffer {
  const newest = catalogue.types.map((type) => catalogue.of(type).at(-1)!);
  const domains = [...Map.groupBy(newest, ({ domain }) => domain)].sort(([a], [b]) => (a < b ? -1 : 1));
  const nav = html`<p class="brand"><a href="/docs">Heddle</a> <small>${document.info.version}</small></p>
<label class="filter">Find <input type="search" id="filter" placeholder="message, personal, assignee…" autocomplete="off"></label>
<p><a href="/docs">The API</a> · <a href="/docs/problems">Problems</a> · <a href="/asyncapi.json">asyncapi.json</a></p>
<p><a href="#envelope">The envelope</a> · <a href="#groups">Groups</a></p>
${domains.map(
  ([domain, its]) => html`<section><h2><a href="#${domain}">${domain}</a></h2><ul>
${its.map(({ type }) => html`<li><a href="#${type}">${type}</a></li>`)}
</ul></section>`,
)}`;
  const main = html`<header><h1>Events</h1>${prose(INTRODUCTION)}</header>
<section id="envelope"><h3><a href="#envelope">The envelope</a></h3>
${prose(WITHIN)}${envelope(document)}</section>
${groupsSection(newest)}
${domains.map(
  ([domain, its]) => html`<article id="${domain}"><h2>${domain}</h2>
<p>On Kafka they lie on the topic <code>heddle.${domain}</code>.</p>
${its.map(({ type }) => typeSection(catalogue.of(type)))}</article>`,
)}`;
  return page({ title: 'Heddle: events', nav, main });
}

function envelope(document: OpenApiDocument): Html | null {
  const { schemas } = document.components;
  const schema = schemas.RecordedEvent;
  return schema === undefined ? null : schemaTable(schema, schemas);
}

function groupsSection(events: readonly EventSchema[]): Html {
  const named = events.flatMap(({ type, groups }) => groups.map((group) => ({ group, type })));
  const groups = [...Map.groupBy(named, ({ group }) => group)].sort(([a], [b]) => (a < b ? -1 : 1));
  return html`<section id="groups"><h3><a href="#groups">Groups</a></h3>
<p>A filter takes each of these for several types at once.</p>
<table><thead><tr><th scope="col">Group</th><th scope="col">Types</th></tr></thead><tbody>
${groups.map(
  ([group, its]) =>
    html`<tr id="group-${group}"><th scope="row"><code>${group}</code></th><td class="types">${its.map(({ type }) => html`<a href="#${type}">${type}</a> `)}</td></tr>`,
)}</tbody></table></section>`;
}

function typeSection(schemas: readonly EventSchema[]): Html {
  const newest = schemas.at(-1)!;
  const { type, doc, groups, personal, record } = newest;
  const { properties = {} } = dataSchema(newest);
  const words = [type, doc, ...Object.keys(properties), ...(personal.length > 0 ? ['personal'] : [])];
  return html`<section id="${type}" data-search="${words.join(' ').toLowerCase()}">
<h3><a href="#${type}">${type}</a></h3>
${prose(doc)}
<p class="facts"><span>${schemas.length === 1 ? 'Version' : 'Versions'} ${schemas.map((schema) => html`<code>${versionOf(schema)}</code> `)}</span>
<span>Record <code>${record}</code></span>
${groups.length > 0 && html`<span>In ${groups.map((group) => html`<a href="#group-${group}">${group}</a> `)}</span>`}</p>
${Object.keys(properties).length === 0 ? html`<p>It has no data.</p>` : schemaTable(allThere(dataSchema(newest)), {})}
${schemas.slice(1).map((schema, before) => versionDetails(schemas[before]!, schema))}
<details><summary>Example</summary><pre tabindex="0"><code>${JSON.stringify(exampleEvent(newest), null, 2)}</code></pre></details>
</section>`;
}

/** All fields are always there: marks of what is required, and what is shown where a field is not, would say nothing. */
function allThere({ required: _required, default: _default, ...schema }: JsonSchema): JsonSchema {
  const { properties, items, anyOf } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, allThere(field)])),
    }),
    ...(items && { items: allThere(items) }),
    ...(anyOf && { anyOf: anyOf.map(allThere) }),
  };
}

function versionDetails(before: EventSchema, schema: EventSchema): Html {
  return html`<details><summary>What ${versionOf(schema)} changed after ${versionOf(before)}</summary><ul>
${changesBetween(before, schema).map(({ sentence }) => html`<li>${proseLine(sentence)}</li>`)}</ul></details>`;
}
