import { randomUUID } from 'node:crypto';
import { type Cast, created, Journey, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());

const known = () => ({ external_id: randomUUID(), name: 'Any' });

it.each<[path: string, body: () => object]>([
  ['/v1/labels', () => ({ name: randomUUID() })],
  ['/v1/status_details', () => ({ status: 'open', name: randomUUID() })],
  ['/v1/custom_fields', () => ({ object: 'company', key: randomUUID(), kind: 'string', name: 'Any' })],
  ['/v1/views', () => ({ name: randomUUID() })],
  ['/v1/companies', known],
  ['/v1/tenants', known],
])('%s lists what is archived, what is in use, or both', async (path, body) => {
  const one = async () => created(await cast.api.post(path, body())).id as string;
  const listed = async (query = '') =>
    (await cast.api.get(`${path}${query}`)).body.data.map(({ id }: { id: string }) => id) as string[];
  const [first, second, third] = [await one(), await one(), await one()];
  for (const id of [first, third]) {
    expect((await cast.api.send('PATCH', `${path}/${id}`, { archived: true })).status).toBe(200);
  }
  expect(await listed()).toEqual([third, second, first]);
  expect(await listed('?archived=true')).toEqual([third, first]);
  expect(await listed('?archived=false')).toEqual([second]);

  const { data, next_cursor: cursor } = (await cast.api.get(`${path}?archived=true&limit=1`)).body;
  expect(data.map(({ id }: { id: string }) => id)).toEqual([third]);
  expect(await listed(`?archived=true&cursor=${cursor}`)).toEqual([first]);
  const elsewhere = await cast.api.get(`${path}?archived=false&cursor=${cursor}`);
  expect(problem(elsewhere)).toEqual({ status: 400, code: 'invalid_cursor' });
  expect(problem(await cast.api.get(`${path}?archived=yes`))).toEqual({ status: 400, code: 'invalid_request' });
});
