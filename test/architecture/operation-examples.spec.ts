import { AppModule } from '../../apps/heddle/app.module.js';
import { operationsOf } from '../../libs/platform/operations/handles.js';
import { openApiDocument } from '../../libs/platform/operations/openapi.js';

const operations = operationsOf(AppModule);
const { paths, components } = openApiDocument(operations, { version: '0.0.0' });
const withExample = operations.filter(({ example }) => example !== undefined);

test('no two schemas of answers want one name: the second would be called by a number', () => {
  expect(Object.keys(components.schemas).filter((name) => /\d$/.test(name))).toEqual([]);
});

test('every operation has an example: declare one beside its schemas, with invented ids', () => {
  const without = operations.filter(({ example }) => example === undefined).map(({ name }) => name);
  expect(without).toEqual([]);
});

test('every operation declares a good answer: 2xx, or 101 for a WebSocket', () => {
  const good = (status: string) => /^2\d\d$|^101$/.test(status);
  expect(operations.filter(({ responses }) => !Object.keys(responses).some(good))).toEqual([]);
});

test('an example says what its operation cannot do without', () => {
  const short = withExample.filter(({ params, query, body, example = {} }) => {
    const wrong = [
      params.safeParse(example.params ?? {}),
      query.safeParse(example.query ?? {}),
      ...(body === null ? [] : [body.safeParse(example.body ?? {})]),
    ];
    return wrong.some(({ success }) => !success);
  });
  expect(short.map(({ name }) => name)).toEqual([]);
});

describe.each(withExample.map((operation) => [operation.name, operation] as const))(
  'the example of %s',
  (_, operation) => {
    const { params, query, body, path, method, example = {} } = operation;

    it('passes the schemas that a request has to pass', () => {
      const wrong = [
        ...(example.params === undefined ? [] : [params.safeParse(example.params)]),
        ...(example.query === undefined ? [] : [query.safeParse(example.query)]),
        ...(example.body === undefined ? [] : [body!.safeParse(example.body)]),
      ].flatMap(({ error }) => error?.issues ?? []);
      expect(wrong).toEqual([]);
    });

    it('is in the document', () => {
      const { parameters = [], requestBody } = paths[path]![method.toLowerCase()]!;
      const shown = parameters.flatMap(({ name, example: value }) =>
        value === undefined ? [] : [[name, String(value)]],
      );
      expect(Object.fromEntries(shown)).toEqual({ ...example.params, ...example.query });
      expect(Object.values(requestBody?.content ?? {})[0]?.example).toEqual(example.body);
    });
  },
);
