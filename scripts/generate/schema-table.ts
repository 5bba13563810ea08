import type { EventSchema } from '../../libs/contract/event-schema.js';

/** The module that holds every revision's schema, so that nothing reads files at run time. */
export function schemaTableModule(schemas: readonly EventSchema[]): string {
  const groups = new Map<string, Set<string>>();
  for (const { type, groups: names } of schemas) {
    for (const name of names) groups.set(name, (groups.get(name) ?? new Set()).add(type));
  }
  return [
    '// Generated from schemas/ by `npm run generate`. Do not edit.\n',
    "import type { EventSchema } from '../event-schema.js';\nimport type { EventType } from './event-data.js';\n",
    `/** The events that a filter's group name stands for. */\nexport const EVENT_GROUPS: Record<string, readonly EventType[]> = {\n${[
      ...groups,
    ]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, types]) => `  '${name}': ${list([...types])},\n`)
      .join('')}};\n`,
    `/** Every revision of every event's schema, by domain, type, version and revision. */\nexport const EVENT_SCHEMAS: readonly EventSchema[] = [\n${schemas
      .map(entry)
      .join('')}];\n`,
  ].join('\n');
}

function entry(schema: EventSchema): string {
  return `  {
    type: '${schema.type}',
    domain: '${schema.domain}',
    record: '${schema.record}',
    version: ${schema.version},
    revision: ${schema.revision},
    groups: ${list(schema.groups)},
    personal: ${list(schema.personal)},
    doc: ${JSON.stringify(schema.doc)},
    fingerprint: '${schema.fingerprint}',
    schema: ${JSON.stringify(schema.schema)},
  },
`;
}

function list(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}
