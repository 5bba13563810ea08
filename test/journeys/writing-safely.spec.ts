import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());

const keyed = (key: string) => ({ headers: { 'idempotency-key': key } });
const ifMatch = (etag: string) => ({ headers: { 'if-match': etag } });
const replayed = ({ headers }: { headers: Headers }) => headers.get('idempotency-replayed') === 'true';

describe('If-Match', () => {
  it('lets in who has seen the last version, and nobody else', async () => {
    const { id } = created(await conversationWith(cast));
    const at = `/v1/conversations/${id}`;
    const etag = (await cast.api.get(at)).headers.get('etag')!;
    expect(etag).toBe('"1"');
    const posted = await messageTo(id, cast);
    expect(posted.headers.get('etag')).toBe('"2"');
    expect(problem(await cast.api.post(`${at}/close`, {}, ifMatch(etag)))).toEqual({
      status: 412,
      code: 'version_mismatch',
    });
    expect((await cast.api.get(at)).body).toMatchObject({ status: 'open', seq: 2 });
    const closed = await cast.api.post(`${at}/close`, {}, ifMatch('"2"'));
    expect([closed.status, closed.headers.get('etag')]).toEqual([200, '"3"']);
    expect((await cast.api.post(`${at}/reopen`, {}, ifMatch('*'))).status).toBe(200);
    expect((await cast.api.post(`${at}/close`, {}, ifMatch('W/"4"'))).status).toBe(200);
  });

  it('lets one of twenty in who have seen the same version', async () => {
    const { id } = created(await conversationWith(cast));
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => cast.api.post(`/v1/conversations/${id}/close`, {}, ifMatch('"1"'))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 412)]);
    expect((await cast.api.get(`/v1/conversations/${id}`)).body.seq).toBe(2);
  });
});

describe('an idempotency key', () => {
  const author = () => ({ type: 'customer', id: cast.customer });

  it('is taken in a header, bare or quoted, or in the body', async () => {
    const { id } = created(await conversationWith(cast));
    const path = `/v1/conversations/${id}/messages`;
    const body = { author: author(), type: 'text', text: 'Once' };
    const answers = [
      await cast.api.post(path, body, keyed('one')),
      await cast.api.post(path, body, keyed('"one"')),
      await cast.api.post(path, { ...body, idempotency_key: 'one' }),
      await cast.api.post(path, { ...body, idempotency_key: 'one' }, keyed('one')),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(answers.map(({ body }) => body)).toEqual(answers.map(() => answers[0]!.body));
    expect(answers.map(replayed)).toEqual([false, true, true, true]);
    for (const name of ['etag', 'heddle-position']) {
      expect(new Set(answers.map(({ headers }) => headers.get(name))).size).toBe(1);
    }
    expect((await cast.api.get(path)).body.data).toHaveLength(1);
  });

  it('knows the same request by what it says, not by how it is written', async () => {
    const first = await cast.api.post(
      '/v1/customers',
      {},
      { raw: '{"external_id":"w","name":"W"}', ...keyed('white') },
    );
    const again = await cast.api.post(
      '/v1/customers',
      {},
      { raw: ' { "external_id" : "w",\n "name":"\\u0057" } ', ...keyed('white') },
    );
    expect([again.body, replayed(again)]).toEqual([first.body, true]);
  });

  it('is refused for another body, and for another If-Match', async () => {
    const { id } = created(await conversationWith(cast));
    const at = `/v1/conversations/${id}`;
    await cast.api.post(`${at}/close`, {}, keyed('close'));
    const answers = [
      await cast.api.post(`${at}/close`, {}, { headers: { 'idempotency-key': 'close', 'if-match': '"1"' } }),
      await cast.api
        .post('/v1/customers', { external_id: 'a', name: 'A' }, keyed('customer'))
        .then(() => cast.api.post('/v1/customers', { external_id: 'a', name: 'B' }, keyed('customer'))),
    ];
    expect(answers.map(problem)).toEqual(answers.map(() => ({ status: 422, code: 'idempotency_key_reused' })));
  });

  it('is another one on another path', async () => {
    const [a, b] = [created(await conversationWith(cast)).id, created(await conversationWith(cast)).id];
    const answers = [
      await cast.api.post(`/v1/conversations/${a}/close`, {}, keyed('same')),
      await cast.api.post(`/v1/conversations/${b}/close`, {}, keyed('same')),
    ];
    expect(answers.map((answer) => [answer.status, replayed(answer)])).toEqual([
      [200, false],
      [200, false],
    ]);
  });

  it('gives a refusal again, and takes what was wrong when it is made right', async () => {
    const { id } = created(await conversationWith(cast));
    const at = `/v1/conversations/${id}`;
    const refused = await cast.api.post(`${at}/reopen`, {}, keyed('reopen'));
    await cast.api.post(`${at}/close`);
    const again = await cast.api.post(`${at}/reopen`, {}, keyed('reopen'));
    expect(problem(refused)).toEqual({ status: 422, code: 'conversation_not_closed' });
    expect([problem(again), replayed(again)]).toEqual([problem(refused), true]);
    expect(again.body).toEqual({ ...refused.body, instance: again.headers.get('x-request-id') });
    expect(again.body.instance).not.toBe(refused.body.instance);
    const invalid = await cast.api.post('/v1/customers', { external_id: 'c' }, keyed('mended'));
    const mended = await cast.api.post('/v1/customers', { external_id: 'c', name: 'C' }, keyed('mended'));
    expect([invalid.status, mended.status]).toEqual([400, 201]);
  });

  it('is not used up by a 403', async () => {
    const reader = await journey.client(cast.workspace, ['customers:read']);
    const body = { external_id: 'd', name: 'D' };
    expect((await reader.post('/v1/customers', body, keyed('forbidden'))).status).toBe(403);
    expect((await cast.api.post('/v1/customers', body, keyed('forbidden'))).status).toBe(201);
  });

  it('has one of fifty requests at once carried out', async () => {
    const { id } = created(await conversationWith(cast));
    const body = { author: author(), type: 'text', text: 'Once' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => cast.api.post(`/v1/conversations/${id}/messages`, body, keyed('fifty'))),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(answers.filter((answer) => !replayed(answer))).toHaveLength(1);
    expect((await cast.api.get(`/v1/conversations/${id}/messages`)).body.data).toHaveLength(1);
  });
});

it('makes one customer of fifty requests at once with the same external id', async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => cast.api.post('/v1/customers', { external_id: 'crowd', name: `Name ${i}` })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 49 }, () => 200), 201]);
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
});

it('opens one conversation of fifty requests at once with the same external id', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => conversationWith(cast, { external_id: 'crowd' })));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 49 }, () => 409)]);
});

it('takes a message’s external id once in a conversation, and again in another', async () => {
  const [a, b] = [created(await conversationWith(cast)).id, created(await conversationWith(cast)).id];
  const body = { author: { type: 'customer', id: cast.customer }, type: 'text', text: 'x', external_id: 'm-1' };
  const statuses = [];
  for (const id of [a, a, b]) statuses.push((await cast.api.post(`/v1/conversations/${id}/messages`, body)).status);
  expect(statuses).toEqual([201, 409, 201]);
});

it('keeps the order of a hundred messages that were posted at once, without a gap', async () => {
  const { id } = created(await conversationWith(cast));
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => messageTo(id, cast, `${i}`)));
  const seqs = answers.map(({ body }) => body.seq).sort((x, y) => x - y);
  expect(seqs).toEqual(Array.from({ length: 100 }, (_, i) => i + 2));
  const { data } = (await cast.api.get(`/v1/conversations/${id}/messages?limit=1000`)).body;
  const bySeq = new Map(data.map((m: { seq: number; id: string }) => [m.seq, m.id]));
  for (const { body } of answers) expect(bySeq.get(body.seq)).toBe(body.id);
});
