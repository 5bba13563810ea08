import type { EventSchema } from '../../contract/event-schema.js';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';

/** As the API names it: `<version>.<revision>`. */
export function versionOf({ version, revision }: EventSchema): string {
  return `${version}.${revision}`;
}

/** The schemas of all events, by type and version. */
export class SchemaCatalogue {
  private readonly byType: ReadonlyMap<string, readonly EventSchema[]>;

  constructor(schemas: readonly EventSchema[]) {
    const ordered = schemas.toSorted((a, b) => a.version - b.version || a.revision - b.revision);
    const byType = Map.groupBy(ordered, ({ type }) => type);
    this.byType = new Map([...byType].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** In the order of their names. */
  get types(): string[] {
    return [...this.byType.keys()];
  }

  /** All of a type, the oldest first; empty for a type that is not there. */
  of(type: string): readonly EventSchema[] {
    return this.byType.get(type) ?? [];
  }

  find(type: string, version: string): EventSchema | undefined {
    return this.of(type).find((schema) => versionOf(schema) === version);
  }

  /** What stands in a refusal: the types with the same noun, or the nouns that there are. */
  typesLike(type: string): string {
    const nounOf = (one: string) => one.split('.')[0]!;
    const alike = this.types.filter((one) => nounOf(one) === nounOf(type));
    return alike.length > 0
      ? `Of ${nounOf(type)} there are ${alike.join(', ')}.`
      : `There are types of ${[...new Set(this.types.map(nounOf))].join(', ')}.`;
  }
}

export const CATALOGUE = new SchemaCatalogue(EVENT_SCHEMAS);
