import { randomUUID } from 'node:crypto';
import { type Answer, type Cast, created, Journey, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());

const make = async (path: 'companies' | 'tenants' | 'customers', more: object = {}): Promise<string> =>
  created(await cast.api.post(`/v1/${path}`, { external_id: randomUUID(), name: 'Loom & Sons', ...more })).id;
const read = async (path: string) => (await cast.api.get(`/v1/${path}`)).body;
const patch = (path: string, body: object, headers = {}) => cast.api.send('PATCH', `/v1/${path}`, body, { headers });
const to = (customer: string, verb: string, body: object) => cast.api.post(`/v1/customers/${customer}/${verb}`, body);
const idsOf = async (path: string): Promise<string[]> => (await read(path)).data.map(({ id }: { id: string }) => id);
const refusal = (answer: Answer) => problem(answer).code;

describe('a company', () => {
  it('is made known, brought up to date and left alone where nothing changes', async () => {
    const external_id = randomUUID();
    const domains = ['loom.example.org', `${randomUUID()}.example.org`];
    const body = { external_id, name: 'Loom & Sons', domains };
    const first = await cast.api.post('/v1/companies', body);
    const { id } = created(first);
    expect(await read(`companies/${id}`)).toMatchObject({ id, ...body, archived: false });
    expect((await cast.api.post('/v1/companies', body)).headers.get('etag')).toBe('"1"');
    const again = await cast.api.post('/v1/companies', { external_id, name: 'Loom & Daughters' });
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([200, { id }, '"2"']);
    expect(await read(`companies/${id}`)).toMatchObject({ name: 'Loom & Daughters', domains });
    expect(await idsOf(`companies?external_id=${external_id}`)).toEqual([id]);
    expect(await idsOf(`companies?domain=${domains[1]}`)).toEqual([id]);
    expect(await idsOf('companies?domain=nobody.example.org')).toEqual([]);
  });

  it('is patched, archived and brought back, to the version that it was read at', async () => {
    const id = await make('companies', { domains: ['loom.example.org'] });
    const done = await patch(`companies/${id}`, { name: 'Reed', domains: [], archived: true });
    expect([done.status, done.body, done.headers.get('etag')]).toEqual([200, { id }, '"4"']);
    expect(await read(`companies/${id}`)).toMatchObject({ name: 'Reed', domains: [], archived: true });
    expect(refusal(await patch(`companies/${id}`, { archived: false }, { 'if-match': '"3"' }))).toBe(
      'version_mismatch',
    );
    await patch(`companies/${id}`, { archived: false });
    expect((await read(`companies/${id}`)).archived).toBe(false);
    expect((await patch(`companies/${id}`, { archived: false, name: 'Reed' })).headers.get('etag')).toBe('"5"');
  });

  it.each([['Loom.example.org'], ['loom'], ['-loom.example.org'], ['a@loom.example.org']])(
    'has no domain such as %s',
    async (domain) => {
      const answer = await cast.api.post('/v1/companies', { external_id: 'x', name: 'X', domains: [domain] });
      expect(problem(answer)).toEqual({ status: 400, code: 'invalid_request' });
    },
  );
});

describe('a tenant', () => {
  it('is made known, and may belong to a company', async () => {
    const [company, other, external_id] = [await make('companies'), await make('companies'), randomUUID()];
    const body = { external_id, name: 'The shop', company_id: company };
    const { id } = created(await cast.api.post('/v1/tenants', body));
    expect(await read(`tenants/${id}`)).toMatchObject({ id, ...body, archived: false });
    expect(await idsOf(`tenants?company=${company}`)).toEqual([id]);
    expect((await cast.api.post('/v1/tenants', { external_id, name: 'The shop' })).headers.get('etag')).toBe('"1"');
    await patch(`tenants/${id}`, { company_id: other, name: 'Shop', archived: true });
    expect(await read(`tenants/${id}`)).toMatchObject({ name: 'Shop', company_id: other, archived: true });
    expect(await idsOf(`tenants?company=${company}`)).toEqual([]);
    expect(await idsOf(`tenants?external_id=${external_id}`)).toEqual([id]);
    await patch(`tenants/${id}`, { company_id: null, archived: false });
    expect(await read(`tenants/${id}`)).toMatchObject({ company_id: null, archived: false });
    const nobody = `com_${cast.workspace.slice(4)}`;
    expect(refusal(await patch(`tenants/${id}`, { company_id: nobody }))).toBe('unknown_reference');
  });
});

describe.each([
  { things: 'companies', noun: 'company', field: 'company_ids' },
  { things: 'tenants', noun: 'tenant', field: 'tenant_ids' },
] as const)('a customer and $things', ({ things, noun, field }) => {
  const body = (id: string) => ({ [`${noun}_id`]: id });
  const join = (customer: string, id: string) => to(customer, `join_${noun}`, body(id));
  const leave = (customer: string, id: string) => to(customer, `leave_${noun}`, body(id));

  it('belong together until they do not', async () => {
    const [one, other] = [await make(things), await make(things)];
    const customers = [await make('customers'), await make('customers'), await make('customers')];
    for (const customer of customers) expect((await join(customer, one)).body).toEqual({ id: customer });
    await join(customers[0]!, other);
    expect((await read(`customers/${customers[0]}`))[field]).toEqual([one, other].sort());
    expect(await idsOf(`${things}/${one}/customers`)).toEqual(customers.toReversed());
    const page = await read(`${things}/${one}/customers?limit=2`);
    expect(await idsOf(`${things}/${one}/customers?limit=2&cursor=${page.next_cursor}`)).toEqual([customers[0]]);
    expect(problem(await cast.api.get(`/v1/${things}/${other}/customers?cursor=${page.next_cursor}`)).code).toBe(
      'invalid_cursor',
    );
    expect(refusal(await join(customers[0]!, one))).toBe('already_member');
    expect((await leave(customers[0]!, one)).status).toBe(200);
    expect(refusal(await leave(customers[0]!, one))).toBe('not_a_member');
    expect((await read(`customers/${customers[0]}`))[field]).toEqual([other]);
    expect(await idsOf(`${things}/${one}/customers`)).toEqual([customers[2], customers[1]]);
    expect((await join(customers[0]!, one)).status).toBe(200);
  });

  it('stay together in the archive, where no more join', async () => {
    const [id, customer] = [await make(things), await make('customers')];
    await join(customer, id);
    await patch(`${things}/${id}`, { archived: true });
    expect(refusal(await join(await make('customers'), id))).toBe('archived');
    expect((await read(`customers/${customer}`))[field]).toEqual([id]);
    expect((await leave(customer, id)).status).toBe(200);
  });

  it('are not joined with what is not there', async () => {
    const customer = await make('customers');
    const nowhere = `${noun === 'company' ? 'com' : 'ten'}_${cast.workspace.slice(4)}`;
    expect(refusal(await join(customer, nowhere))).toBe('unknown_reference');
    expect(problem(await cast.api.get(`/v1/${things}/${nowhere}/customers`)).status).toBe(404);
  });

  it('belong to whom the customer is read as', async () => {
    const [one, other] = [await make(things), await make(things)];
    const [merged, survivor] = [await make('customers'), await make('customers')];
    await join(merged, one);
    await to(merged, 'merge', { into_id: survivor });
    expect((await join(merged, other)).body).toEqual({ id: survivor });
    for (const id of [merged, survivor]) expect((await read(`customers/${id}`))[field]).toEqual([one, other].sort());
    expect((await read(`${things}/${one}/customers`)).data).toMatchObject([{ id: merged, merged_into_id: survivor }]);
    expect((await leave(survivor, one)).body).toEqual({ id: merged });
    expect((await read(`customers/${survivor}`))[field]).toEqual([other]);
  });
});
