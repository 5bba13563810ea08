import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { newId } from '../../libs/platform/kernel/id.js';
import { type Cast, conversationWith, created, Journey, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
let at: string;
let id: string;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());
beforeEach(async () => {
  id = created(await conversationWith(cast)).id;
  at = `/v1/conversations/${id}`;
});

const ada = () => ({ type: 'customer', id: cast.customer });
const bo = () => ({ type: 'user', id: cast.user });
const bot = () => ({ type: 'ai_agent', id: cast.aiAgent });
const post = (body: object) => cast.api.post(`${at}/messages`, { author: ada(), ...body });
const posted = async (body: object): Promise<string> => created(await post(body)).id;
const read = async (message: string) => (await cast.api.get(`${at}/messages/${message}`)).body;
const on = (message: string, what: string, body: object = {}) =>
  cast.api.post(`${at}/messages/${message}/${what}`, body);
const edit = (message: string, body: object) => cast.api.send('PATCH', `${at}/messages/${message}`, body);
const events = async (type?: string) =>
  (await cast.api.get(`${at}/events?limit=1000${type === undefined ? '' : `&type=${type}`}`)).body.data;

const BLOCKS = [
  { type: 'text', text: 'Which width?' },
  { type: 'list', style: 'bulleted', items: ['20 cm', '30 cm'] },
  { type: 'divider' },
  { type: 'image', url: 'https://example.org/widths.png', alt: 'Two reeds' },
  { type: 'quick_reply', id: 'narrow', label: '20 cm' },
  { type: 'button', id: 'wide', label: '30 cm', value: 'w30' },
  { type: 'form_field', id: 'mail', label: 'Your address', kind: 'email', required: true },
];

describe('what a message may be', () => {
  it('a text: everything else of it is empty', async () => {
    const message = await posted({ text: 'Hello', external_id: 'x-1' });
    expect(await read(message)).toEqual({
      id: message,
      conversation_id: id,
      seq: 2,
      author: ada(),
      channel: 'email',
      type: 'text',
      text: 'Hello',
      external_id: 'x-1',
      blocks: null,
      mentions: [],
      channel_message_id: null,
      in_reply_to: null,
      draft_id: null,
      fields: {},
      ai: null,
      reactions: [],
      receipts: [],
      choices: [],
      edited_at: null,
      redacted_at: null,
      occurred_at: expect.any(String),
      recorded_at: expect.any(String),
    });
  });

  it('a note with mentions', async () => {
    const mentions = [cast.user, cast.aiAgent];
    const note = await posted({ author: bo(), type: 'note', text: 'Ask the weavers', mentions });
    expect(await read(note)).toMatchObject({ type: 'note', mentions, text: 'Ask the weavers' });
  });

  it('a rich one: its blocks, and what is shown where blocks are not', async () => {
    const rich = await posted({ author: bot(), type: 'rich', blocks: BLOCKS });
    expect(await read(rich)).toMatchObject({
      type: 'rich',
      blocks: [...BLOCKS.slice(0, -1), { ...BLOCKS.at(-1), required: true }],
      text: 'Which width?\n• 20 cm\n• 30 cm\nTwo reeds\n20 cm\n30 cm\nYour address',
    });
    const said = await posted({ author: bot(), type: 'rich', blocks: BLOCKS, text: 'Which width do you want?' });
    expect(await read(said)).toMatchObject({ text: 'Which width do you want?' });
  });

  it('one on another channel than the question, with its id there, that says what it answers', async () => {
    const question = await posted({ text: 'Where is it?', channel_message_id: '<1@example.org>' });
    const answer = await posted({
      author: bo(),
      channel: 'sms',
      text: 'On its way.',
      channel_message_id: '1',
      in_reply_to: question,
    });
    expect(await read(answer)).toMatchObject({ channel: 'sms', channel_message_id: '1', in_reply_to: question });
    expect(await read(question)).toMatchObject({ channel: 'email', channel_message_id: '<1@example.org>' });
    // The channel says the same again, and another channel happens to use the same id.
    expect(problem(await post({ channel: 'sms', text: 'Again', channel_message_id: '1' }))).toMatchObject({
      code: 'external_id_taken',
    });
    await posted({ channel: 'chat', text: 'Hello', channel_message_id: '1' });
    expect(problem(await post({ text: 'What?', in_reply_to: newId('msg') }))).toMatchObject({
      code: 'unknown_reference',
    });
  });

  it('one of a model, with what that knew', async () => {
    const ai = {
      model: 'weaver-2',
      confidence: 0.75,
      sources: [{ title: 'Reeds', url: 'https://example.org/reeds' }, { id: 'kb-7' }],
      read_through_seq: 1,
    };
    const sure = await posted({ author: bot(), text: 'Forty dents.', ai });
    expect((await read(sure)).ai).toEqual(ai);
    const terse = await posted({ author: bot(), text: 'Forty.', ai: { model: 'weaver-2' } });
    expect((await read(terse)).ai).toEqual({
      model: 'weaver-2',
      confidence: null,
      sources: null,
      read_through_seq: null,
    });
  });

  it.each<[string, () => object]>([
    ['a text with blocks', () => ({ text: 'x', blocks: BLOCKS })],
    ['a text without one', () => ({})],
    ['a rich one without blocks', () => ({ type: 'rich', text: 'x' })],
    ['two blocks of one id', () => ({ type: 'rich', blocks: [BLOCKS[4], BLOCKS[4]] })],
    ['a note of the customer', () => ({ type: 'note', text: 'x' })],
    ['a mention in a text', () => ({ text: 'x', mentions: [cast.user] })],
  ])('not %s', async (_, body) => {
    expect(problem(await post(body()))).toEqual({ status: 422, code: 'content_mismatch' });
    expect(await events('message.created')).toEqual([]);
  });

  it.each([
    ['a script for an address', { ...BLOCKS[3], url: 'javascript:alert(1)' }],
    ['a block of another kind', { type: 'video' }],
    ['a field that the block does not have', { ...BLOCKS[4], colour: 'red' }],
  ])('not %s', async (_, block) => {
    expect(problem(await post({ type: 'rich', blocks: [block] }))).toEqual({ status: 400, code: 'invalid_request' });
  });

  it.each(['javascript:alert(1)', 'http://example.org/', 'file:///etc/passwd'])('not a source at %s', async (url) => {
    const ai = { model: 'weaver-2', sources: [{ url }] };
    const answers = [
      await post({ text: 'x', ai }),
      await cast.api.post(`${at}/drafts`, { author: bot(), text: 'x', ai }),
    ];
    expect(answers.map(problem)).toEqual(answers.map(() => ({ status: 400, code: 'invalid_request' })));
  });

  it('somebody who is not there is not mentioned', async () => {
    const body = { author: bo(), type: 'note', text: 'x', mentions: [`usr_${cast.customer.slice(4)}`] };
    expect(problem(await post(body))).toMatchObject({ code: 'unknown_reference' });
  });
});

describe('an edit', () => {
  it('is an event; what was said before stays in the versions and in the history', async () => {
    const message = await posted({ text: 'I weave scarfs' });
    expect((await edit(message, { text: 'I weave scarves' })).body).toEqual({
      id: message,
      conversation_id: id,
      seq: 3,
    });
    await edit(message, { text: 'I weave scarves.' });
    const shown = await read(message);
    expect(shown).toMatchObject({ text: 'I weave scarves.', seq: 2, edited_at: expect.any(String) });
    expect((await cast.api.get(`${at}/messages`)).body.data).toEqual([shown]);
    const versions = (await cast.api.get(`${at}/messages/${message}/versions`)).body.data;
    expect(versions.map(({ seq, text }: { seq: number; text: string }) => [seq, text])).toEqual([
      [2, 'I weave scarfs'],
      [3, 'I weave scarves'],
      [4, 'I weave scarves.'],
    ]);
    expect((await events()).map(({ type, data }: never) => [type, (data as { text?: string }).text])).toEqual([
      ['conversation.created', undefined],
      ['message.created', 'I weave scarfs'],
      ['message.edited', 'I weave scarves'],
      ['message.edited', 'I weave scarves.'],
    ]);
  });

  it('is one of a list of versions, a page at a time', async () => {
    const message = await posted({ text: 'version 0' });
    for (let n = 1; n < 5; n++) expect((await edit(message, { text: `version ${n}` })).status).toBe(200);
    await posted({ text: 'Something else' });
    const texts: string[][] = [];
    const cursors: (string | null)[] = [];
    for (let cursor: string | null = ''; cursor !== null; cursors.push(cursor)) {
      const query = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await cast.api.get(`${at}/messages/${message}/versions?limit=2${query}`);
      texts.push(body.data.map(({ text }: { text: string }) => text));
      cursor = body.next_cursor;
    }
    expect(texts).toEqual([['version 0', 'version 1'], ['version 2', 'version 3'], ['version 4']]);
    const other = await posted({ text: 'Another' });
    const foreign = await cast.api.get(`${at}/messages/${other}/versions?cursor=${cursors[0]}`);
    expect(problem(foreign)).toEqual({ status: 400, code: 'invalid_cursor' });
  });

  it('that changes nothing is none', async () => {
    const message = await posted({ text: 'Hello' });
    expect(await edit(message, { text: 'Hello' })).toMatchObject({ status: 200, body: { seq: 2 } });
    expect(await edit(message, {})).toMatchObject({ status: 200, body: { seq: 2 } });
    expect((await read(message)).edited_at).toBeNull();
  });

  it('of blocks brings the shown text along, and of a text says nothing of blocks', async () => {
    const rich = await posted({ author: bot(), type: 'rich', blocks: BLOCKS });
    await edit(rich, { blocks: [BLOCKS[4]] });
    expect(await read(rich)).toMatchObject({ blocks: [BLOCKS[4]], text: '20 cm' });
    const text = await posted({ text: 'x' });
    expect(problem(await edit(text, { blocks: [BLOCKS[4]] }))).toMatchObject({ code: 'content_mismatch' });
    const note = await posted({ author: bo(), type: 'note', text: 'x', mentions: [cast.user] });
    await edit(note, { mentions: [cast.aiAgent] });
    expect(await read(note)).toMatchObject({ text: 'x', mentions: [cast.aiAgent] });
  });

  it('many at the same moment: each is one event, or is told to come again, and none is lost', async () => {
    const message = await posted({ text: 'begin' });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => edit(message, { text: `edit ${i}` })));
    const done = answers.filter(({ status }) => status === 200).length;
    expect(answers.map(({ status, body }) => (status === 409 ? body.code : status)).sort()).toEqual([
      ...Array.from({ length: done }, () => 200),
      ...Array.from({ length: 8 - done }, () => 'changed_meanwhile'),
    ]);
    expect(done).toBeGreaterThan(1);
    expect(await events('message.edited')).toHaveLength(done);
  });

  it('of what is not there is a 404, whoever else has it', async () => {
    const message = await posted({ text: 'Hello' });
    const stranger = await journey.cast();
    for (const answer of [
      await stranger.api.send('PATCH', `${at}/messages/${message}`, { text: 'x' }),
      await edit(`msg_${id.slice(5)}`, { text: 'x' }),
      await stranger.api.get(`${at}/messages/${message}`),
      await stranger.api.get(`${at}/messages/${message}/versions`),
    ]) {
      expect(problem(answer)).toEqual({ status: 404, code: 'not_found' });
    }
  });
});

describe('a redaction', () => {
  const secret = `My card is ${randomBytes(8).toString('hex')}`;

  it('takes the text out of every read, of each version, and stays so in a rebuilt read model', async () => {
    const draft = created(await cast.api.post(`${at}/drafts`, { author: bot(), text: `${secret} 0` })).id;
    await cast.api.send('PATCH', `${at}/drafts/${draft}`, { editor: bo(), text: `${secret} 1` });
    const { message_id: message } = created(await cast.api.post(`${at}/drafts/${draft}/accept`, { by: bo() }));
    await edit(message, { text: `${secret} 2` });
    await on(message, 'receipts', { receipt: { type: 'failed', code: 'spam', detail: `${secret} 3` } });
    const other = await posted({ text: 'Something else' });
    const done = await on(message, 'redact', { reason: 'A card' });
    expect(done.status).toBe(200);
    const reads = await Promise.all(
      [
        `${at}?messages=50`,
        `${at}/messages`,
        `${at}/messages/${message}`,
        `${at}/messages/${message}/versions`,
        `${at}/drafts`,
        `${at}/drafts/${draft}`,
        `${at}/events?limit=1000`,
      ].map((path) => cast.api.get(path)),
    );
    for (const { status, body } of reads) {
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toContain(secret);
    }
    expect(await read(message)).toMatchObject({ text: 'redacted', redacted_at: expect.any(String), blocks: null });
    expect(await read(other)).toMatchObject({ text: 'Something else', redacted_at: null });
    const [created_, edited] = await events('message.changed');
    expect([created_.type, edited.type]).toEqual(['message.edited', 'message.redacted']);
    expect(edited.data).toMatchObject({ message_id: message, reason: 'A card' });
    // The rows, too.
    const client = new pg.Client({ connectionString: journey.database.url });
    await client.connect();
    try {
      for (const table of ['messages', 'drafts', 'message_receipts']) {
        const { rows } = await client.query(
          `select 1 from conversation.${table} t where t::text like '%' || $1 || '%'`,
          [secret],
        );
        expect([table, rows.length]).toEqual([table, 0]);
      }
    } finally {
      await client.end();
    }
  });

  it('takes a form’s answers along', async () => {
    const rich = await posted({ author: bot(), type: 'rich', blocks: BLOCKS });
    await on(rich, 'choices', { author: ada(), choices: [{ block_id: 'mail', value: `${randomUUID()}@example.org` }] });
    await on(rich, 'redact');
    expect((await read(rich)).choices).toMatchObject([{ author: ada(), choices: null }]);
    expect(JSON.stringify(await events())).not.toContain('@example.org');
  });

  it('is done once, and nothing more is done to the message', async () => {
    const message = await posted({ text: 'Hello', external_id: 'm-9' });
    const again = { idempotency_key: randomUUID() };
    const first = await on(message, 'redact', again);
    expect((await on(message, 'redact', again)).body).toEqual(first.body);
    for (const answer of [
      await on(message, 'redact'),
      await edit(message, { text: 'x' }),
      await on(message, 'react', { author: bo(), emoji: '👍' }),
    ]) {
      expect(problem(answer)).toEqual({ status: 422, code: 'message_redacted' });
    }
    expect(await events('message.redacted')).toHaveLength(1);
    // What the channel sends again is still known.
    expect(problem(await post({ text: 'Hello', external_id: 'm-9' }))).toMatchObject({ code: 'external_id_taken' });
  });

  it('misses no edit that is made at the same moment', async () => {
    const message = await posted({ text: `${secret} a` });
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, (_, i) => edit(message, { text: `${secret} ${i}` })),
      on(message, 'redact'),
    ]);
    expect(answers.at(-1)!.status).toBe(200);
    expect(JSON.stringify([await events(), await read(message)])).not.toContain(secret);
  });
});

describe('a reaction', () => {
  it('is there once for each who reacts so, and is taken back', async () => {
    const message = await posted({ text: 'It is done' });
    await on(message, 'react', { author: ada(), emoji: '🧵' });
    await on(message, 'react', { author: bo(), emoji: '🧵' });
    await on(message, 'react', { author: bo(), emoji: ':thumbs_up:' });
    expect(problem(await on(message, 'react', { author: bo(), emoji: '🧵' }))).toMatchObject({
      code: 'already_reacted',
    });
    await on(message, 'unreact', { author: bo(), emoji: '🧵' });
    expect(problem(await on(message, 'unreact', { author: bo(), emoji: '🧵' }))).toMatchObject({ code: 'not_reacted' });
    expect((await read(message)).reactions).toEqual([
      { author: ada(), emoji: '🧵' },
      { author: bo(), emoji: ':thumbs_up:' },
    ]);
    expect(problem(await on(message, 'react', { author: bo(), emoji: 'My name is Ada' }))).toMatchObject({
      code: 'invalid_request',
    });
    for (const what of ['react', 'unreact']) {
      expect(problem(await on(message, what, { author: bo(), emoji: 'Анна' }))).toEqual({
        status: 422,
        code: 'content_mismatch',
      });
    }
  });

  it('ten of one person at the same moment are one', async () => {
    const message = await posted({ text: 'It is done' });
    await Promise.all(Array.from({ length: 10 }, () => on(message, 'react', { author: ada(), emoji: '👍' })));
    expect(await events('message.reaction_added')).toHaveLength(1);
  });
});

describe('a receipt', () => {
  it('is kept for each channel, at the time that the channel says', async () => {
    const message = await posted({ author: bo(), text: 'It is done', channel: 'sms' });
    const occurred_at = '2024-05-06T07:08:09.123Z';
    await on(message, 'receipts', { receipt: { type: 'delivered' }, occurred_at });
    await on(message, 'receipts', { receipt: { type: 'read', reader: ada() } });
    await on(message, 'receipts', {
      receipt: { type: 'failed', code: 'no_inbox', detail: 'Nobody there' },
      channel: 'email',
    });
    const none = { reader: null, code: null, detail: null };
    expect((await read(message)).receipts).toEqual([
      { ...none, type: 'delivered', channel: 'sms', occurred_at },
      { ...none, type: 'read', channel: 'sms', reader: ada(), occurred_at: expect.any(String) },
      {
        type: 'failed',
        channel: 'email',
        reader: null,
        code: 'no_inbox',
        detail: 'Nobody there',
        occurred_at: expect.any(String),
      },
    ]);
    expect((await events('message.receipt')).map(({ type }: { type: string }) => type)).toEqual([
      'message.delivered',
      'message.read',
      'message.delivery_failed',
    ]);
  });

  it('the same again changes nothing', async () => {
    const message = await posted({ author: bo(), text: 'It is done' });
    const receipt = { receipt: { type: 'delivered' } };
    const first = await on(message, 'receipts', receipt);
    const second = await on(message, 'receipts', receipt);
    expect([second.status, second.body]).toEqual([200, first.body]);
    expect(await events('message.delivered')).toHaveLength(1);
  });
});

describe('many receipts at the same moment', () => {
  it('are each taken, and the same ones once', async () => {
    const message = await posted({ author: bo(), text: 'It is done' });
    const take = (n: number) =>
      on(message, 'receipts', { receipt: { type: 'delivered' }, channel: `channel_${n % 60}` });
    const answers = await Promise.all(Array.from({ length: 120 }, (_, n) => take(n)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await events('message.delivered')).toHaveLength(60);
    expect((await read(message)).receipts).toHaveLength(60);
  });

  it('another cause of a failure is another receipt', async () => {
    const message = await posted({ author: bo(), text: 'It is done' });
    for (const code of ['busy', 'busy', 'gone']) await on(message, 'receipts', { receipt: { type: 'failed', code } });
    expect((await read(message)).receipts.map(({ code }: { code: string }) => code)).toEqual(['busy', 'gone']);
  });

  it('what a channel says of a redacted message is not kept', async () => {
    const message = await posted({ author: bo(), text: 'My card' });
    await on(message, 'redact');
    await on(message, 'receipts', { receipt: { type: 'failed', code: 'spam', detail: 'Rejected: My card' } });
    expect((await read(message)).receipts).toMatchObject([{ type: 'failed', code: 'spam', detail: null }]);
    expect(JSON.stringify(await events())).not.toContain('My card');
  });
});

describe('a choice', () => {
  it('comes back as an event, and opens what was closed', async () => {
    const rich = await posted({ author: bot(), type: 'rich', blocks: BLOCKS });
    await cast.api.post(`${at}/close`);
    await on(rich, 'choices', { author: ada(), choices: [{ block_id: 'narrow' }] });
    await on(rich, 'choices', {
      author: ada(),
      choices: [{ block_id: 'wide' }, { block_id: 'mail', value: 'ada@example.org' }],
    });
    expect((await read(rich)).choices.map(({ choices }: { choices: object }) => choices)).toEqual([
      [{ block_id: 'narrow', value: '20 cm' }],
      [
        { block_id: 'wide', value: 'w30' },
        { block_id: 'mail', value: 'ada@example.org' },
      ],
    ]);
    expect((await cast.api.get(at)).body.status).toBe('open');
    expect((await events('message.choice_made'))[0].data).toMatchObject({ author: ada(), message_id: rich });
  });

  it('of what the message does not offer is refused', async () => {
    const rich = await posted({ author: bot(), type: 'rich', blocks: BLOCKS });
    const plain = await posted({ text: 'x' });
    for (const answer of [
      await on(rich, 'choices', { author: ada(), choices: [{ block_id: 'none' }] }),
      await on(rich, 'choices', { author: ada(), choices: [{ block_id: 'mail', value: 'nobody' }] }),
      await on(plain, 'choices', { author: ada(), choices: [{ block_id: 'narrow' }] }),
    ]) {
      expect(problem(answer)).toEqual({ status: 422, code: 'choice_not_offered' });
    }
    expect(await events('message.choice_made')).toEqual([]);
  });
});

describe('a draft', () => {
  const propose = (body: object = {}) => cast.api.post(`${at}/drafts`, { author: bot(), text: 'Try merino.', ...body });
  const act = (draft: string, what: string, body: object = {}) =>
    cast.api.post(`${at}/drafts/${draft}/${what}`, { by: bo(), ...body });

  it('is proposed, edited and accepted: then it is a message of its author', async () => {
    const question = await posted({ text: 'Which yarn?', channel: 'chat' });
    const ai = { model: 'weaver-2', confidence: 0.8, sources: [{ id: 'kb-1' }], read_through_seq: 2 };
    const draft = created(await propose({ ai, in_reply_to: question, channel: 'chat' })).id;
    expect((await cast.api.get(`${at}/messages`)).body.data).toHaveLength(1);
    await cast.api.send('PATCH', `${at}/drafts/${draft}`, { editor: bo(), text: 'Try merino or linen.' });
    const accepted = created(await act(draft, 'accept'));
    expect(await read(accepted.message_id)).toMatchObject({
      author: bot(),
      channel: 'chat',
      text: 'Try merino or linen.',
      draft_id: draft,
      in_reply_to: question,
      ai,
      seq: accepted.seq,
    });
    expect((await cast.api.get(`${at}/drafts/${draft}`)).body).toMatchObject({
      status: 'accepted',
      settled_by: bo(),
      message_id: accepted.message_id,
    });
    expect((await events()).map(({ type }: { type: string }) => type)).toEqual([
      'conversation.created',
      'message.created',
      'draft.proposed',
      'draft.edited',
      'message.created',
      'draft.accepted',
    ]);
  });

  it('is refused with a reason, and stays refused', async () => {
    const draft = created(await propose()).id;
    await act(draft, 'refuse', { reason: 'Too warm' });
    expect((await cast.api.get(`${at}/drafts/${draft}`)).body).toMatchObject({ status: 'refused', reason: 'Too warm' });
    for (const answer of [
      await act(draft, 'accept'),
      await act(draft, 'refuse'),
      await cast.api.send('PATCH', `${at}/drafts/${draft}`, { editor: bo(), text: 'x' }),
    ]) {
      expect(problem(answer)).toEqual({ status: 422, code: 'draft_settled' });
    }
    expect((await cast.api.get(`${at}/messages`)).body.data).toEqual([]);
  });

  it('accepted by ten at the same moment is one message', async () => {
    const draft = created(await propose()).id;
    const answers = await Promise.all(Array.from({ length: 10 }, () => act(draft, 'accept')));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect((await cast.api.get(`${at}/messages`)).body.data).toHaveLength(1);
  });

  it('is listed by status, the last made first', async () => {
    const drafts = [];
    for (let i = 0; i < 3; i++) drafts.push(created(await propose({ text: `${i}` })).id);
    await act(drafts[1]!, 'refuse');
    const list = async (query: string) => (await cast.api.get(`${at}/drafts${query}`)).body;
    const ids = ({ data }: { data: { id: string }[] }) => data.map((draft) => draft.id);
    expect(ids(await list(''))).toEqual([drafts[2], drafts[1], drafts[0]]);
    expect(ids(await list('?status=open'))).toEqual([drafts[2], drafts[0]]);
    const first = await list('?limit=2');
    expect(ids(await list(`?limit=2&cursor=${first.next_cursor}`))).toEqual([drafts[0]]);
    expect(problem(await cast.api.get(`${at}/drafts?status=open&cursor=${first.next_cursor}`))).toMatchObject({
      code: 'invalid_cursor',
    });
  });
});
