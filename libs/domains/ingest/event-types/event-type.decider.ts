import { type Decider, type Refusal, refuse, stale } from '../../../platform/kernel/decider.js';
import type { EventTypeEvent } from './event-type.events.js';

/** Makes a type known, or gives it a schema that it does not have yet as its next version. */
export interface RegisterEventType {
  type: 'register';
  name: string;
  format: string;
  schema: string;
  digest: string;
  /** What is undefined stays as it is. */
  description: string | null | undefined;
  /** What the schema was compared with, and the first thing that it would break; null where there was no type yet. */
  compared: { version: number; breaks: { place: string; reason: string }[] } | null;
  /** The workspace's other types, and how long their latest schemas are in all. */
  others: { count: number; bytes: number };
}

/** What is undefined stays as it is. */
export interface UpdateEventType {
  type: 'update';
  description: string | null | undefined;
  archived: boolean | undefined;
}

export type EventTypeCommand = RegisterEventType | UpdateEventType;

export interface EventTypeState {
  format: string;
  version: number;
  digest: string;
  description: string | null;
  archived: boolean;
}

export const MOST_VERSIONS = 1000;
/** What a workspace's schemas may cost whoever records its events: each is compiled by each process. */
export const MOST_TYPES = 500;
export const MOST_BYTES_OF_SCHEMAS = 2 * 1024 * 1024;

/**
 * A type's name and format stay for good. Its versions only widen what is right, so that nothing that was taken is wrong by a later
 * one. An archived one can be changed, and restored.
 */
export const eventTypeDecider: Decider<EventTypeCommand, EventTypeState, EventTypeEvent> = { decide, evolve };

function decide(command: EventTypeCommand, state: EventTypeState | null): EventTypeEvent[] | Refusal {
  if (command.type === 'register') return register(command, state);
  if (state === null) return refuse('not_found', 'There is no such event type in this workspace.');
  const events = described(command.description, state);
  if (command.archived !== undefined && command.archived !== state.archived) {
    events.push({ type: command.archived ? 'event_type.archived' : 'event_type.restored', data: {} });
  }
  return events;
}

function register(command: RegisterEventType, state: EventTypeState | null): EventTypeEvent[] | Refusal {
  const { name, format, schema, digest: schema_digest, compared } = command;
  if (state === null) {
    const full = tooMany(command);
    if (full !== null) return full;
    const description = command.description ?? null;
    return [{ type: 'event_type.created', data: { name, format, schema, schema_digest, description } }];
  }
  if (format !== state.format) {
    return refuse(
      'event_schema_breaks',
      `The schemas of ${name} are ${state.format}, and stay so. Register another type.`,
    );
  }
  const events = described(command.description, state);
  if (schema_digest === state.digest) return events;
  // A version was added after the schema was compared.
  if (compared?.version !== state.version) return stale();
  const [first, ...others] = compared.breaks;
  if (first !== undefined) {
    const more = others.length === 0 ? '' : `, and ${others.length} more`;
    const what = `Version ${state.version + 1} of ${name} would break version ${state.version}`;
    const place = first.place === '' ? 'the root' : first.place;
    return refuse(
      'event_schema_breaks',
      `${what}: at ${place}, ${first.reason}${more}. POST /v1/event_types/${name}/check tells all of it.`,
    );
  }
  if (state.version >= MOST_VERSIONS)
    return refuse('too_many', `${name} has ${MOST_VERSIONS} versions, which is the most.`);
  if (tooLong(command)) return schemasTooLong();
  return [{ type: 'event_type.version_added', data: { version: state.version + 1, schema, schema_digest } }, ...events];
}

function tooMany(command: RegisterEventType): Refusal | null {
  if (command.others.count >= MOST_TYPES) {
    return refuse('too_many', `A workspace has ${MOST_TYPES} event types at most, archived ones too.`);
  }
  return tooLong(command) ? schemasTooLong() : null;
}

function tooLong({ schema, others }: RegisterEventType): boolean {
  return others.bytes + Buffer.byteLength(schema) > MOST_BYTES_OF_SCHEMAS;
}

function schemasTooLong(): Refusal {
  const most = MOST_BYTES_OF_SCHEMAS / 1024 / 1024;
  return refuse('too_many', `The latest schemas of a workspace's event types come to ${most} MiB at most.`);
}

function described(description: string | null | undefined, state: EventTypeState): EventTypeEvent[] {
  if (description === undefined || description === state.description) return [];
  return [{ type: 'event_type.description_changed', data: { description } }];
}

function evolve(state: EventTypeState | null, event: EventTypeEvent): EventTypeState {
  if (event.type === 'event_type.created') {
    const { format, schema_digest: digest, description } = event.data;
    return { format, version: 1, digest, description, archived: false };
  }
  if (state === null) throw new Error(`An event type's first event is ${event.type}.`);
  switch (event.type) {
    case 'event_type.version_added':
      return { ...state, version: event.data.version, digest: event.data.schema_digest };
    case 'event_type.description_changed':
      return { ...state, description: event.data.description };
    case 'event_type.archived':
      return { ...state, archived: true };
    case 'event_type.restored':
      return { ...state, archived: false };
    default:
      return event satisfies never;
  }
}
