import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import pg from 'pg';
import { AppModule } from '../../apps/heddle/app.module.js';
import { domainsOf } from '../../libs/platform/runtime/domain-module.js';
import { type Cast, created, Journey } from './journey.js';

/** A name that is in no file yet. */
const plant = (what: string) => `${what}-${randomBytes(8).toString('hex')}`;

const planted = {
  customer: plant('Ada Lovelace'),
  renamed: plant('Ada King'),
  identity: `${plant('ada')}@example.org`,
  handle: plant('@ada'),
  placeholder: plant('Ada of the forum'),
  customerExternalId: plant('ada@example.org'),
  user: plant('Bo Diddley'),
  userExternalId: plant('bo'),
  email: `${plant('bo')}@example.org`,
  title: plant('My divorce'),
  conversationExternalId: plant('T'),
  text: plant('My card is 4111'),
  messageExternalId: plant('m'),
  referenceId: plant('Order of Ada'),
  referenceUrl: `https://shop.example.org/${plant('ada')}`,
  referenceTitle: plant('Ring for Ada'),
  forkTitle: plant('My second divorce'),
  importedCustomer: plant('imported'),
  importedText: plant('Imported text'),
  idempotencyKey: plant('key of Ada'),
  refusedName: plant('Never kept'),
};

let journey: Journey;
let admin: pg.Client;
let root: string;
/** The files of the read models that hold what people are called and write, as Postgres names them. */
let readModels: Set<string>;

beforeAll(async () => {
  journey = await Journey.begin();
  admin = new pg.Client({ connectionString: journey.database.url });
  await admin.connect();
  await live(await journey.cast());
  const { rows } = await admin.query<{ data_directory: string }>('show data_directory');
  root = rows[0]!.data_directory;
  const tables = domainsOf(AppModule).flatMap(({ projections }) =>
    projections.filter(({ personal }) => personal).flatMap((p) => p.tables.map((table) => `${p.service}.${table}`)),
  );
  expect(tables).toEqual(expect.arrayContaining(['conversation.customers', 'conversation.messages']));
  // Statistics are samples of what the columns hold.
  await admin.query('analyze');
  await admin.query('checkpoint');
  const { rows: files } = await admin.query<{ path: string }>(
    `with t as (select oid, reltoastrelid from pg_class where oid = any ($1::regclass[])),
          r as (select oid from t union select reltoastrelid from t where reltoastrelid <> 0)
     select pg_relation_filepath(oid) as path from r
     union select pg_relation_filepath(indexrelid) from pg_index where indrelid in (select oid from r)`,
    [tables],
  );
  readModels = new Set(files.map(({ path }) => path));
}, 120_000);
afterAll(async () => {
  await admin.end();
  await journey.end();
});

async function live({ api, user }: Cast): Promise<void> {
  const p = planted;
  const customer = created(
    await api.post('/v1/customers', {
      external_id: p.customerExternalId,
      name: p.customer,
      idempotency_key: p.idempotencyKey,
    }),
  ).id;
  await api.post('/v1/customers', { external_id: p.customerExternalId, name: p.renamed });
  const identity = { kind: 'email', value: p.identity };
  const { id } = created(await api.post(`/v1/customers/${customer}/add_identity`, { identity }));
  await api.post(`/v1/customers/${customer}/remove_identity`, { identity_id: id });
  created(await api.post(`/v1/customers/${customer}/add_identity`, { identity }));
  expect((await api.post('/v1/customers/look_up', { identity })).body.id).toBe(customer);
  const resolving = { channel: 'forum', identity: { kind: 'handle', value: p.handle }, name: p.placeholder };
  created(await api.post('/v1/customers/resolve', resolving));
  created(await api.post('/v1/users', { external_id: p.userExternalId, name: p.user, email: p.email }));
  const conversation = created(
    await api.post('/v1/conversations', {
      customer_id: customer,
      channel: 'email',
      title: p.title,
      external_id: p.conversationExternalId,
    }),
  ).id;
  const message = { type: 'text', text: p.text, external_id: p.messageExternalId };
  const path = `/v1/conversations/${conversation}/messages`;
  created(await api.post(path, { ...message, author: { type: 'customer', id: customer } }));
  const reference = { external_id: p.referenceId, url: p.referenceUrl, title: p.referenceTitle };
  created(await api.post(`/v1/conversations/${conversation}/references`, { type: 'order', ...reference }));
  created(await api.post(`/v1/conversations/${conversation}/fork`, { at_seq: 1, title: p.forkTitle }));
  // Refused in each way that there is: nothing of it may stay.
  const refusals = [
    await api.post('/v1/conversations', {
      customer_id: customer,
      channel: 'email',
      title: p.refusedName,
      external_id: p.conversationExternalId,
    }),
    await api.post(path, { ...message, text: p.refusedName, author: { type: 'customer', id: customer } }),
    await api.post(path, { ...message, text: p.refusedName, author: { type: 'user', id: user }, nick: p.refusedName }),
    await api.get(`/v1/customers?external_id=${p.refusedName}&cursor=${p.refusedName}`),
  ];
  expect(refusals.map(({ status }) => status)).toEqual([409, 409, 400, 400]);
  const line = {
    conversation: plant('c'),
    channel: 'email',
    customer: p.importedCustomer,
    messages: [
      {
        id: 'm1',
        at: '2020-04-01T12:00:00Z',
        author: { type: 'customer', id: p.importedCustomer },
        text: p.importedText,
      },
    ],
  };
  const headers = { 'content-type': 'application/x-ndjson' };
  expect((await api.post('/v1/import', {}, { raw: JSON.stringify(line), headers })).body).toContain('"created":1');
  // Read by every way there is: what is opened for an answer may not be written either.
  for (const read of [`/v1/conversations/${conversation}?messages=5`, `/v1/conversations/${conversation}/events`]) {
    expect(JSON.stringify((await api.get(read)).body)).toContain(p.text);
  }
}

function* filesIn(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else if (entry.isFile() && statSync(path, { throwIfNoEntry: false })) yield path;
  }
}

/** `what in file` for every planted word that a file holds. */
function findings(files: Iterable<string>): string[] {
  const found: string[] = [];
  for (const file of files) {
    let bytes: Buffer;
    try {
      bytes = readFileSync(file);
    } catch {
      continue; // The file of another test's database, which was dropped meanwhile.
    }
    for (const [what, word] of Object.entries(planted)) {
      if (bytes.includes(word)) found.push(`${what} in ${relative(root, file)}`);
    }
  }
  return found;
}

/** A relation's file, its further segments of 1 GB and its forks are `path`, `path.1`, `path_fsm`. */
const isReadModel = (file: string) => readModels.has(relative(root, file).replace(/(\.\d+|_\w+)$/, ''));

it('finds every name and text in the files of the read models: the search can find something', () => {
  const found = findings([...filesIn(root)].filter(isReadModel)).map((finding) => finding.split(' in ')[0]);
  // The customer was renamed: Postgres may have cleared away the row with the first name, or not yet.
  const unsure = ['customer', 'idempotencyKey', 'refusedName'];
  const kept = Object.keys(planted).filter((what) => !unsure.includes(what));
  expect([...new Set(found)].filter((what) => what !== 'customer').sort()).toEqual(kept.sort());
});

// pg_wal is left out: it holds what was written to the read models, until it is recycled. The events, heads, keys,
// claims and stored answers lie in tables, and those are looked at, with all catalogues and their statistics.
it('finds none of them in any other file of the cluster, nor in the log of the server', () => {
  const others = [...filesIn(root)].filter((file) => !isReadModel(file) && !relative(root, file).startsWith('pg_wal'));
  expect(others.length).toBeGreaterThan(500);
  const logs = readdirSync(dirname(root), { withFileTypes: true }).filter((entry) => entry.isFile());
  expect(findings([...others, ...logs.map(({ name }) => join(dirname(root), name))])).toEqual([]);
});

it('keeps what was refused, and keys of requests, not even in a read model', () => {
  const found = findings([...filesIn(root)].filter((file) => !relative(root, file).startsWith('pg_wal')));
  expect(found.filter((finding) => /^(idempotencyKey|refusedName) /.test(finding))).toEqual([]);
});
