import { newId } from '../../../platform/kernel/id.js';
import type { KeyDatabase } from '../../../platform/keys/key-database.js';
import { EventTypes, nameOfType } from './event-types.js';

const workspace = newId('wsp');
const properties = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`n${i}`, { type: 'string', minLength: i }]));
const wide = JSON.stringify({ properties, title: 'x'.repeat(60_000) });
const ids = Array.from({ length: 80 }, () => newId('ety').slice(4));
const types = ids.map((_, i) => `type_${i}`);

/** Every type is there, and has the same schema. */
const dbWith = (schema: string) =>
  ({
    query: async ({ name, values }: { name?: string; values: unknown[][] }) => ({
      rows:
        name === 'event_types'
          ? types.map((type, i) => ({
              id: ids[i],
              workspace: workspace.slice(4),
              type,
              format: 'json_schema',
              version: 1,
              schema_digest: 'd',
              archived: false,
            }))
          : values[0]!.map((event_type) => ({ event_type, schema })),
    }),
  }) as unknown as KeyDatabase;

it('has all validators that are asked for at once, however large, and leaves others their turn', async () => {
  const eventTypes = new EventTypes();
  let turns = 0;
  const clock = setInterval(() => turns++, 1);
  const db = dbWith(wide);
  const wanted = types.map((type) => ({ workspace, type }));
  const [once, again] = await Promise.all([eventTypes.checkAll(db, wanted), eventTypes.checkAll(db, wanted)]);
  clearInterval(clock);
  expect(turns).toBeGreaterThan(20);
  for (const type of types) {
    for (const found of [once, again]) {
      const validator = found.get(nameOfType(workspace, type))!;
      expect([validator.refusalOf({ n1: 'x' }), validator.refusalOf({ n1: '' })?.code]).toEqual([
        null,
        'event_data_invalid',
      ]);
    }
  }
});

it('says what is wrong in few words, however long the names in a schema and in data are', async () => {
  const schema = JSON.stringify({ required: ['n'.repeat(50_000)], additionalProperties: { type: 'string' } });
  const found = await new EventTypes().checkAll(dbWith(schema), [{ workspace, type: 'type_0' }]);
  const problem = found.get(nameOfType(workspace, 'type_0'))!.refusalOf({ ['m'.repeat(50_000)]: 1 })!;
  expect(problem.more.errors).toHaveLength(2);
  expect(JSON.stringify(problem.toBody()).length).toBeLessThan(3000);
});
