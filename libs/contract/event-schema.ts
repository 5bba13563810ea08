/**
 * One revision of one event's schema, as the generated table holds it. `schema` is the .avsc file's own JSON, custom
 * attributes and all, so it can be registered or put into a container file as it is.
 */
export interface EventSchema {
  /** As the API names it, such as `message.created`. */
  type: string;
  /** The folder, named after the domain whose decider makes it; also the topic `heddle.<domain>`. */
  domain: string;
  /** The record's full name, which is also the registry's subject. */
  record: string;
  /** Incompatible shapes count up here, each with a record of its own. */
  version: number;
  /** Compatible additions within a version, from 0. */
  revision: number;
  /** Names that a filter may use for several types at once, such as `conversation.updated`. */
  groups: readonly string[];
  /** The fields whose value is `heddle.Sealed`. */
  personal: readonly string[];
  doc: string;
  /** MD5 of the parsing canonical form (Avro 1.12, "Schema Fingerprints") in 32 hex digits. */
  fingerprint: string;
  schema: EventSchemaJson;
}

export interface EventSchemaJson {
  type: 'record';
  name: string;
  namespace: string;
  doc: string;
  fields: readonly {
    name: string;
    doc: string;
    type: unknown;
    default?: unknown;
    /** Of a text: it is JSON, which the API shows as what it says. */
    'heddle.json'?: boolean;
    /** The API shows it to nobody: it is for the services alone. */
    'heddle.hidden'?: boolean;
  }[];
  [attribute: string]: unknown;
}
