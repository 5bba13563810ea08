import type { EventSchema } from '../../../contract/event-schema.js';
import { exampleEvent } from '../../../platform/event-schemas/example-event.js';
import { CATALOGUE } from '../../../platform/event-schemas/schema-catalogue.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { bodyOf } from '../bodies/webhook-body.js';

/** What an example of an event of a type is sent as, in the version that a pin such as `message.created@1.0` says. Throws `invalid_value`. */
export function exampleBody(type: string, pin: string, id: string, now: Date): Buffer {
  const { stream, seq, position, actor, data } = exampleEvent(schemaOf(type, pin));
  const at = now.toISOString();
  const body = bodyOf({
    type,
    id,
    stream,
    sequence: seq,
    position,
    occurredAt: at,
    recordedAt: at,
    actor: JSON.stringify(actor),
    data: JSON.stringify(data),
  });
  return Buffer.from(body);
}

function schemaOf(type: string, pin: string): EventSchema {
  const newest = CATALOGUE.of(type).at(-1);
  if (newest === undefined) {
    const message = `There are no events of the type ${type}. ${CATALOGUE.typesLike(type)}`;
    throw new Problem('invalid_value', message, { errors: [{ pointer: '/body/type', message }] });
  }
  const pinned = pin === '' ? undefined : CATALOGUE.find(type, pin.split('@')[1]!);
  return pinned ?? newest;
}
