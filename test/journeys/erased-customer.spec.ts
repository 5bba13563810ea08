import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { newId } from '../../libs/platform/kernel/id.js';
import { KeyStore } from '../../libs/platform/keys/key-store.js';
import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
let admin: pg.Client;
let at: string;
let message: string;
let reference: string;
// biome-ignore lint/suspicious/noExplicitAny: a document, read as it is.
let document: any;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
  const { id } = created(await conversationWith(cast, { title: 'Broken lamp' }));
  at = `/v1/conversations/${id}`;
  message = created(await messageTo(id, cast)).id;
  reference = created(await cast.api.post(`${at}/references`, { type: 'issue', external_id: 'LOOM-1' })).id;
  admin = new pg.Client({ connectionString: journey.database.url });
  await admin.connect();
  await new KeyStore().destroy(admin, cast.workspace, cast.customer);
  // By then every process knows of it.
  await sleep(2500);
  document = (await cast.api.get('/openapi.json')).body;
});
afterAll(async () => {
  await admin.end();
  await journey.end();
});

/** The codes that the document gives for an operation and a status. */
function declared(method: string, path: string, status: number): string[] {
  const { $ref } = document.paths[path][method.toLowerCase()].responses[status];
  const { content } = document.components.responses[$ref.split('/').at(-1)];
  return content['application/problem+json'].schema.allOf[1].properties.code.enum;
}

const another = async () => {
  const customer = created(await cast.api.post('/v1/customers', { external_id: newId('cus'), name: 'Other' })).id;
  return created(await conversationWith({ api: cast.api, customer })).id as string;
};
const reaction = () => ({ emoji: '👍', author: { type: 'user', id: cast.user } });

it.each<[method: string, rest: string, body: () => object | undefined | Promise<object>]>([
  ['PATCH', '', () => ({ title: 'Mended lamp' })],
  ['PATCH', '', () => ({ priority: 'high' })],
  ['POST', '/assign', () => ({ assignee: { type: 'user', id: cast.user } })],
  ['POST', '/assign_team', () => ({ team_id: null })],
  ['POST', '/close', () => ({})],
  ['POST', '/reopen', () => ({})],
  ['POST', '/snooze', () => ({})],
  ['POST', '/label', async () => ({ label_id: (await cast.api.post('/v1/labels', { name: 'Any' })).body.id })],
  ['POST', '/unlabel', () => ({ label_id: newId('lbl') })],
  ['POST', '/lock', () => ({})],
  ['POST', '/unlock', () => ({})],
  ['POST', '/links', async () => ({ kind: 'parent', conversation_id: await another() })],
  ['POST', '/merge', async () => ({ into_id: await another() })],
  ['DELETE', '/references/{reference_id}', () => undefined],
  ['POST', '/messages/{message_id}/react', reaction],
  ['POST', '/messages/{message_id}/unreact', reaction],
])('%s …%s is refused, as its document says', async (method, rest, body) => {
  const path = `${at}${rest}`.replace('{message_id}', message).replace('{reference_id}', reference);
  const answer = problem(await cast.api.send(method, path, await body()));
  expect(answer).toEqual({ status: 422, code: 'person_erased' });
  expect(declared(method, `/v1/conversations/{id}${rest}`, 422)).toContain('person_erased');
});

it('is no matter of AI agents, who are no persons', () => {
  expect(declared('POST', '/v1/users', 422)).toContain('person_erased');
  expect(declared('POST', '/v1/ai_agents', 422)).not.toContain('person_erased');
});
