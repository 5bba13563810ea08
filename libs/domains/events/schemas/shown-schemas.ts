import type { EventSchema } from '../../../contract/event-schema.js';
import { dataSchema } from '../../../platform/event-schemas/data-schema.js';
import { type SchemaCatalogue, versionOf } from '../../../platform/event-schemas/schema-catalogue.js';
import { changesBetween } from '../../../platform/event-schemas/schema-changes.js';
import { Problem } from '../../../platform/kernel/problem.js';

/** What the API shows of the types of events and the versions of their schemas. Throws `not_found` for what is not there. */
export class ShownSchemas {
  constructor(private readonly catalogue: SchemaCatalogue) {}

  /** Every type with its versions, in the order of their names. */
  list(): object[] {
    return this.catalogue.types.map((type) => summaryOf(this.catalogue.of(type)));
  }

  type(type: string): object {
    const schemas = this.schemasOf(type);
    return {
      ...summaryOf(schemas),
      topic: topicOf(schemas[0]!),
      records: schemas.map((schema) => ({ version: versionOf(schema), ...recordOf(schema) })),
      groups: schemas.at(-1)!.groups,
      personal: schemas.at(-1)!.personal,
    };
  }

  version(type: string, version: string): object {
    const schema = this.schemaOf(type, version);
    return {
      type,
      version,
      topic: topicOf(schema),
      ...recordOf(schema),
      groups: schema.groups,
      personal: schema.personal,
      description: schema.doc,
      avro: schema.schema,
      data: dataSchema(schema),
    };
  }

  changes(type: string, from: string, to: string): object {
    const [before, after] = [this.schemaOf(type, from), this.schemaOf(type, to)];
    return { type, from, to, changes: changesBetween(before, after) };
  }

  private schemasOf(type: string): readonly EventSchema[] {
    const schemas = this.catalogue.of(type);
    if (schemas.length > 0) return schemas;
    throw new Problem('not_found', `There are no events of the type ${type}. ${this.catalogue.typesLike(type)}`);
  }

  private schemaOf(type: string, version: string): EventSchema {
    const schemas = this.schemasOf(type);
    const found = this.catalogue.find(type, version);
    if (found !== undefined) return found;
    throw new Problem('not_found', `${type} has no version ${version}; it has ${schemas.map(versionOf).join(', ')}.`);
  }
}

function summaryOf(schemas: readonly EventSchema[]): object {
  const { type, domain, doc } = schemas.at(-1)!;
  const versions = schemas.map(versionOf);
  return { type, domain, description: doc, newest: versions.at(-1)!, versions };
}

function topicOf({ domain }: EventSchema): string {
  return `heddle.${domain}`;
}

function recordOf({ record, fingerprint }: EventSchema): object {
  return { record, fingerprint };
}
