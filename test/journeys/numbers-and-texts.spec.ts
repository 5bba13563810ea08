import { type Cast, conversationWith, created, Journey, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());

const INVALID = { status: 400, code: 'invalid_request' };

describe('a number in a query', () => {
  it.each(['0x10', '1e2', '%2010', '10%20', '+5', '1.0', '', 'x', '-1'])(
    'written as "%s" is refused once',
    async (text) => {
      const answer = await cast.api.get(`/v1/customers?limit=${text}`);
      expect(problem(answer)).toEqual(INVALID);
      expect(answer.body.errors).toEqual([
        { pointer: '/query/limit', message: 'is not a whole number in plain digits' },
      ]);
    },
  );

  it('is asked for digits wherever there is one', async () => {
    const conversation = created(await conversationWith(cast)).id;
    const at = `/v1/conversations/${conversation}`;
    for (const path of [`${at}?messages=0x1`, `${at}/messages?limit=1e1`, `${at}/events?limit=%201`]) {
      expect(problem(await cast.api.get(path))).toEqual(INVALID);
    }
    for (const path of [`${at}?messages=1`, `${at}/messages?limit=10`, `${at}/events?limit=1000`]) {
      expect((await cast.api.get(path)).status).toBe(200);
    }
  });

  it('is an integer with its bounds in the document', async () => {
    const { paths } = (await cast.api.get('/openapi.json')).body;
    const schemaOf = (path: string, name: string) =>
      paths[path].get.parameters.find((parameter: { name: string }) => parameter.name === name).schema;
    expect(schemaOf('/v1/customers', 'limit')).toMatchObject({ type: 'integer', minimum: 1, maximum: 1000 });
    expect(schemaOf('/v1/conversations/{id}', 'messages')).toMatchObject({ type: 'integer', minimum: 0 });
  });
});

describe('a text', () => {
  const named = (name: string) => cast.api.post('/v1/customers', { external_id: `of ${[...name].length}`, name });

  it('has as many characters as the document says, however many units they take', async () => {
    expect((await named('🧵'.repeat(200))).status).toBe(201);
    expect(problem(await named('🧵'.repeat(201)))).toEqual(INVALID);
    expect(problem(await named(`${'🧵'.repeat(100)}${'x'.repeat(101)}`))).toEqual(INVALID);
    const { components } = (await cast.api.get('/openapi.json')).body;
    expect(JSON.stringify(components)).toContain('"minLength":1,"maxLength":200');
  });
});

it('tells a wrong id once', async () => {
  const answer = await cast.api.get('/v1/conversations?customer=cus_1');
  expect(problem(answer)).toEqual(INVALID);
  expect(answer.body.errors).toEqual([{ pointer: '/query/customer', message: 'is not a cus_… id' }]);
});
