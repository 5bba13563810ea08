import type { EventSchema } from '../../contract/event-schema.js';
import { ID_PREFIXES, STREAM_TYPES } from '../kernel/id.js';
import type { JsonSchema } from '../operations/openapi-types.js';
import { dataSchema } from './data-schema.js';
import { EXAMPLE_VALUES } from './example-values.js';
import type { ShownEvent } from './shown-event.js';

/** After the prefix of ids in examples; they are no ids of anything. */
const INVENTED = '0198f2c0a1b27c3d8e4f5a6b7c8d9e01';

/** What is written on the stream of something else. */
const ON_STREAM: Readonly<Record<string, string>> = { message: 'conversation', draft: 'conversation' };

/** An event of this version as the API shows it, with invented values. Throws for a field that has none. */
export function exampleEvent(schema: EventSchema): ShownEvent {
  return {
    id: `evt_${INVENTED}`,
    type: schema.type,
    stream: streamOf(schema.type),
    seq: 2,
    position: 132,
    occurred_at: '2026-01-02T10:04:05.678Z',
    recorded_at: '2026-01-02T10:04:05.912Z',
    actor: { type: 'api_key', id: `key_${INVENTED}` },
    data: exampleData(schema),
  };
}

function exampleData(schema: EventSchema): ShownEvent['data'] {
  const { properties = {} } = dataSchema(schema);
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, exampleValue(schema.type, name, field)]),
  );
}

function exampleValue(type: string, name: string, field: JsonSchema): unknown {
  const noun = type.split('.')[0]!;
  const known = [`${type}.${name}`, `${noun}.${name}`].find((key) => Object.hasOwn(EXAMPLE_VALUES, key));
  if (known !== undefined) return EXAMPLE_VALUES[known];
  const prefix = ID_PREFIXES.find((one) => field.description?.includes(`${one}_…`));
  const isText = field.type === 'string' || (Array.isArray(field.type) && field.type.includes('string'));
  if (prefix !== undefined && isText) return `${prefix}_${INVENTED}`;
  if (Object.hasOwn(EXAMPLE_VALUES, name)) return EXAMPLE_VALUES[name];
  throw new Error(`${type}: the field ${name} has no example. Give it one in event-schemas/example-values.ts.`);
}

function streamOf(type: string): string {
  const noun = type.split('.')[0]!;
  const stream = ON_STREAM[noun] ?? noun;
  const prefix = Object.keys(STREAM_TYPES).find((one) => STREAM_TYPES[one] === stream);
  if (prefix === undefined) throw new Error(`${type}: no prefix of ids leads to streams of the type ${stream}.`);
  return `${prefix}_${INVENTED}`;
}
