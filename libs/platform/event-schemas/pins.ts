import type { EventSchema } from '../../contract/event-schema.js';
import { Problem } from '../kernel/problem.js';
import { CATALOGUE, type SchemaCatalogue, versionOf } from './schema-catalogue.js';

type Data = Record<string, unknown>;

/** Makes the data of a version into that of the version before it, by the newer record's full name: the way back of an upcaster. */
export type Downcasters = Readonly<Record<string, (data: Data) => Data>>;

/** What the log has today is all of first versions: none has to be made older. */
export const DOWNCASTERS: Downcasters = {};

/** Such as `message.created@1.0`. */
const PIN = /^([a-z_]+\.[a-z_]+)@([0-9]+\.[0-9]+)$/;

/** The versions that a reader asks for, by type: it gets these, whatever the newest is. */
export class Pins {
  private constructor(private readonly views: ReadonlyMap<string, (data: Data) => Data>) {}

  /**
   * `<type>@<version>`, several with commas between; nothing pins nothing. `pointer` says where it stood, for the refusal.
   * Throws `invalid_value`, naming what there is, for a type or version that is not there, and for a type named twice.
   */
  static parse(
    text: string | undefined,
    pointer = '/query/pin',
    catalogue: SchemaCatalogue = CATALOGUE,
    downcasters: Downcasters = DOWNCASTERS,
  ): Pins {
    const views = new Map<string, (data: Data) => Data>();
    for (const pin of text === undefined || text === '' ? [] : text.split(',')) {
      const [, type = '', version = ''] = PIN.exec(pin.trim()) ?? [];
      const refuse = (why: string) => new Problem('invalid_value', why, { errors: [{ pointer, message: why }] });
      if (type === '') {
        throw refuse(`A pin is <type>@<version>, such as message.created@1.0, and not ${JSON.stringify(pin)}.`);
      }
      const schemas = catalogue.of(type);
      if (schemas.length === 0) {
        throw refuse(`There are no events of the type ${type}, which a pin names. ${catalogue.typesLike(type)}`);
      }
      const pinned = catalogue.find(type, version);
      if (pinned === undefined) {
        const there = schemas.map(versionOf).join(', ');
        throw refuse(`${type} has no version ${version}, which a pin names; it has ${there}.`);
      }
      if (views.has(type)) throw refuse(`${type} is pinned twice; a reader gets one version of a type.`);
      views.set(type, viewOf(pinned, schemas, downcasters));
    }
    return new Pins(views);
  }

  /** Whether events of this type are shown otherwise than in the newest version. */
  has(type: string): boolean {
    return this.views.has(type);
  }

  get isEmpty(): boolean {
    return this.views.size === 0;
  }

  /** What `data` of the newest version is in the pinned one. Pure; `data` itself stays as it is. */
  dataOf({ type, data }: { type: string; data: object }): object {
    return this.views.get(type)?.(data as Data) ?? data;
  }
}

/** From the newest version down to the pinned one, a version at a time, and then without what later revisions added. */
function viewOf(pinned: EventSchema, schemas: readonly EventSchema[], downcasters: Downcasters): (data: Data) => Data {
  const steps = [...new Map(schemas.map((schema) => [schema.version, schema.record]))]
    .filter(([version]) => version > pinned.version)
    .sort(([a], [b]) => b - a)
    .map(([version, record]) => {
      const step = downcasters[record];
      if (step === undefined) {
        throw new Error(
          `Nothing makes ${record}, version ${version}, into the version before it: register a downcaster.`,
        );
      }
      return step;
    });
  const fields = pinned.schema.fields.slice(1).map(({ name }) => name);
  return (data) => {
    const older = steps.reduce((now, step) => step(now), data);
    return Object.fromEntries(fields.map((field) => [field, older[field]]));
  };
}
