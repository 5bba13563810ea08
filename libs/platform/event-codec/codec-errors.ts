/** The contract has no schema with this fingerprint: the event was written by a newer program, or by another one. */
export class UnknownSchemaError extends Error {
  constructor(readonly fingerprint: string) {
    super(
      `No schema has the fingerprint ${fingerprint}. The event was written by a newer version: update this process.`,
    );
    this.name = 'UnknownSchemaError';
  }
}

/** The fingerprint of what stands in the log and is no event at all; its payload says why, as UTF-8. */
export const NO_FINGERPRINT = Buffer.alloc(16);

/** What stands in the log was not written by the relay: it is no frame, or names a schema that nobody knows. */
export class NotAnEventError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NotAnEventError';
  }
}

/** The contract has no event of this type. */
export class UnknownEventTypeError extends Error {
  constructor(readonly type: string) {
    super(`No schema has the event type ${type}. Types are those of schemas/*/*.avsc.`);
    this.name = 'UnknownEventTypeError';
  }
}

/** The bytes are not what the schema of their fingerprint says. */
export class MalformedEventError extends Error {
  constructor(
    readonly type: string,
    cause: unknown,
  ) {
    super(`The payload is not a ${type}, though its fingerprint says so.`, { cause });
    this.name = 'MalformedEventError';
  }
}

/** The event or one of its fields is not what its schema asks for. Says which, and never the value. */
export class UnfitEventError extends Error {
  constructor(
    readonly type: string,
    reason: string,
    cause?: unknown,
  ) {
    super(`${type}: ${reason}`, cause === undefined ? undefined : { cause });
    this.name = 'UnfitEventError';
  }
}

/** A sealed field names a key that the keyring lacks. A destroyed key is in it, so this one was never loaded or lost. */
export class UnknownKeyError extends Error {
  constructor(
    readonly keyId: string,
    readonly eventId: string,
    readonly field: string,
  ) {
    super(`${eventId}: the field ${field} is sealed with the key ${keyId}, which keys.data_keys does not hold.`);
    this.name = 'UnknownKeyError';
  }
}

/** A sealed field does not open: it was altered, or moved here from another event, field, person or workspace. */
export class BrokenSealError extends Error {
  constructor(
    readonly eventId: string,
    readonly field: string,
  ) {
    super(`${eventId}: the field ${field} does not open with its key. It was altered, or belongs to another event.`);
    this.name = 'BrokenSealError';
  }
}
