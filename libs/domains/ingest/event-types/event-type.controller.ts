import { Inject } from '@nestjs/common';
import { newId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { ResourceReads } from '../../../platform/reads/resource-reads.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { eventTypeAggregate, eventTypeNamed } from './event-type.aggregate.js';
import {
  checkEventType,
  getEventType,
  listEventTypes,
  listEventTypeVersions,
  updateEventType,
  upsertEventType,
} from './event-type.operations.js';
import {
  EVENT_TYPES,
  type EventTypeRow,
  eventTypeNamedIn,
  noSuchType,
  otherTypesIn,
  versionsOf,
} from './event-type.queries.js';
import {
  type EventTypeSchema,
  knownEventTypeSchema,
  readEventTypeSchema,
  type SchemaFormat,
} from './event-type-schema.js';
import { EventTypes } from './event-types.js';

@OperationController()
export class EventTypeController {
  private readonly reads: ResourceReads;

  constructor(
    @Inject(portsOf('ingest')) private readonly ports: ServicePorts,
    @Inject(EventTypes) private readonly eventTypes: EventTypes,
  ) {
    this.reads = new ResourceReads(ports.reads, EVENT_TYPES);
  }

  @Handles(upsertEventType)
  async upsert({ body }: InputOf<typeof upsertEventType>, caller: Caller): Promise<Reply> {
    const { type: name, format, description } = body;
    const schema = await this.wellFormed(caller, format, body.schema);
    const known = await eventTypeNamedIn(this.ports.reads, caller.workspace!, name);
    const changes = known === null ? [] : await this.changesOf(caller, known, schema);
    const others = await otherTypesIn(this.ports.reads, caller.workspace!, name);
    return this.ports.shell.execute({
      aggregate: eventTypeAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: eventTypeNamed(name), orNew: newId('ety') },
      command: {
        type: 'register',
        name,
        format,
        schema: schema.text,
        digest: schema.digest,
        description,
        compared: known === null ? null : { version: known.version, breaks: changes.filter(({ breaks }) => breaks) },
        others,
      },
      respond: ({ stream, created }) => ({ status: created ? 201 : 200, body: { id: stream } }),
    });
  }

  @Handles(updateEventType)
  update({ params, body }: InputOf<typeof updateEventType>, caller: Caller): Promise<Reply> {
    const { description, archived } = body;
    return this.ports.shell.execute({
      aggregate: eventTypeAggregate,
      caller,
      workspace: caller.workspace!,
      stream: { claim: eventTypeNamed(params.type), orNew: newId('ety') },
      command: { type: 'update', description, archived },
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }

  @Handles(getEventType)
  async get({ params }: InputOf<typeof getEventType>, caller: Caller): Promise<Reply> {
    const { stream_version, schema, ...shown } = await this.named(caller, params.type);
    return ok({ ...shown, schema: JSON.parse(schema) }, stream_version);
  }

  @Handles(listEventTypes)
  async list({ query }: InputOf<typeof listEventTypes>, caller: Caller): Promise<Reply> {
    return ok(await this.reads.list(caller.workspace!, undefined, query, { 'archived =': query.archived }));
  }

  @Handles(listEventTypeVersions)
  async versions({ params, query }: InputOf<typeof listEventTypeVersions>, caller: Caller): Promise<Reply> {
    return ok(await versionsOf(this.ports.reads, caller.workspace!, params.type, query));
  }

  @Handles(checkEventType)
  async check({ params, body }: InputOf<typeof checkEventType>, caller: Caller): Promise<Reply> {
    const known = await this.named(caller, params.type);
    const changes = await this.changesOf(caller, known, await this.wellFormed(caller, known.format, body.schema));
    return ok({ version: known.version, compatible: !changes.some((change) => change.breaks), changes });
  }

  /** Throws `event_schema_invalid`. */
  private async wellFormed(caller: Caller, format: SchemaFormat, schema: unknown): Promise<EventTypeSchema> {
    const read = await this.eventTypes.turns.take(caller.workspace!, () => readEventTypeSchema(format, schema));
    if (!('errors' in read)) return read;
    const errors = read.errors.map(({ pointer, message }) => ({ pointer: `/body/schema${pointer}`, message }));
    throw new Problem('event_schema_invalid', `${errors[0]!.pointer} ${errors[0]!.message}.`, { errors });
  }

  private async changesOf(caller: Caller, { format, schema }: EventTypeRow, next: EventTypeSchema) {
    return this.eventTypes.turns.take(caller.workspace!, () => {
      const before = knownEventTypeSchema(format, schema);
      return before.format === next.format && before.digest !== next.digest ? before.changesTo(next) : [];
    });
  }

  private async named(caller: Caller, type: string): Promise<EventTypeRow> {
    const known = await eventTypeNamedIn(this.ports.reads, caller.workspace!, type);
    if (known === null) throw noSuchType(type);
    return known;
  }
}
