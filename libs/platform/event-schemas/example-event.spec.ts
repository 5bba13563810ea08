import { Ajv2020 } from 'ajv/dist/2020.js';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { dataSchema } from './data-schema.js';
import { exampleEvent } from './example-event.js';
import { EXAMPLE_VALUES } from './example-values.js';

const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });

test.each(EVENT_SCHEMAS.map((schema) => [`${schema.type} ${schema.version}.${schema.revision}`, schema] as const))(
  'the example of %s is one',
  (_, schema) => {
    const { data, stream } = exampleEvent(schema);
    const validate = ajv.compile({ ...dataSchema(schema), additionalProperties: false });
    expect([validate(data), validate.errors]).toEqual([true, null]);
    expect(stream).toMatch(/^[a-z]+_[0-9a-f]{32}$/);
  },
);

test('no value is left over', () => {
  const used = new Set(
    EVENT_SCHEMAS.flatMap(({ type, schema }) =>
      schema.fields.slice(1).flatMap(({ name }) => [`${type}.${name}`, `${type.split('.')[0]}.${name}`, name]),
    ),
  );
  expect(Object.keys(EXAMPLE_VALUES).filter((key) => !used.has(key))).toEqual([]);
});
