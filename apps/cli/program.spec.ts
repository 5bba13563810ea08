import { PassThrough } from 'node:stream';
import { Module } from '@nestjs/common';
import { Handles, OperationController } from '../../libs/platform/operations/handles.js';
import { listShelves, paintShelf } from '../../libs/platform/operations/openapi.fixture.js';
import { ok } from '../../libs/platform/operations/reply.js';
import { exitStatus } from './exit-status.js';
import { makeProgram } from './program.js';

@OperationController()
class Shelves {
  @Handles(listShelves)
  async list() {
    return ok({ data: [], next_cursor: null });
  }

  @Handles(paintShelf)
  async paint() {
    return ok({});
  }
}

@Module({ controllers: [Shelves] })
class ShelvesModule {}

const id = 'wsp_0198f2c0a1b27c3d8e4f5a6b7c8d9e0f';

async function heddle(args: string[], answers: Response[] = [new Response('{}')]) {
  const out = new PassThrough();
  const err = new PassThrough();
  const terminal = { out, err, columns: null, draws: false };
  const sent: { method: string; url: string; headers: Headers; body: unknown }[] = [];
  const program = makeProgram(ShelvesModule, '1.2.3', {
    env: { HEDDLE_API_KEY: 'hdl_key' },
    terminal,
    sleep: async () => undefined,
    fetch: async (url, init) => {
      const body = init?.body === undefined ? undefined : JSON.parse(String(init.body));
      sent.push({ method: init!.method!, url: String(url), headers: new Headers(init?.headers), body });
      return answers[sent.length - 1] ?? new Response('{}');
    },
  });
  let status = 0;
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    status = exitStatus(error, terminal);
  }
  return { status, sent, out: String(out.read() ?? ''), err: String(err.read() ?? '') };
}

describe('heddle', () => {
  it('sends what an operation’s command says, with a new key each time', async () => {
    const args = ['shelves', 'paint', id, '--coats', '2', '--owner-type', 'user', '--owner-id', '7', '--no-primed'];
    const first = await heddle([...args, '--tags', 'a', '--tags', 'b', '--if-match', '7']);
    expect(first.sent).toHaveLength(1);
    expect(first.sent[0]).toMatchObject({
      method: 'PATCH',
      url: `http://127.0.0.1:4400/v1/shelves/${id}`,
      body: { type: 'oil', coats: 2, owner: { type: 'user', id: '7' }, primed: false, tags: ['a', 'b'] },
    });
    const { headers } = first.sent[0]!;
    expect(headers.get('if-match')).toBe('"7"');
    expect(headers.get('authorization')).toBe('Bearer hdl_key');
    expect(headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
    const second = await heddle(args);
    expect(second.sent[0]!.headers.get('idempotency-key')).not.toBe(headers.get('idempotency-key'));
    const named = await heddle([...args, '--idempotency-key', 'mine']);
    expect(named.sent[0]!.headers.get('idempotency-key')).toBe('mine');
  });

  it('shows a table, says where it goes on, and gives raw JSON when asked', async () => {
    const page = '{"data":[{"id":"wsp_1","name":"A"}],"next_cursor":"abc"}';
    const shown = await heddle(['shelves', 'list', '--status', 'full'], [new Response(page)]);
    expect(shown.out).toBe('id     name\nwsp_1  A\n');
    expect(shown.err).toBe('There are more: --cursor abc, or --all.\n');
    expect(shown.sent[0]!.url).toBe('http://127.0.0.1:4400/v1/shelves?status=full');
    const raw = await heddle(['shelves', 'list', '--json'], [new Response(page)]);
    expect(raw.out).toBe(`${page}\n`);
  });

  it('goes through all pages with --all, one line an item', async () => {
    const pages = [
      new Response('{"data":[{"id":1},{"id":2}],"next_cursor":"c2"}'),
      new Response('{"data":[{"id":3}],"next_cursor":null}'),
    ];
    const { out, sent } = await heddle(['shelves', 'list', '--limit', '2', '--all'], pages);
    expect(out).toBe('{"id":1}\n{"id":2}\n{"id":3}\n');
    expect(sent.map(({ url }) => url.split('?')[1])).toEqual(['limit=2', 'limit=2&cursor=c2']);
  });

  it('ends with 1 and the problem on standard error', async () => {
    const problem =
      '{"title":"There is no such thing","code":"not_found","detail":"No shelf.","type":"/docs/problems#not_found"}';
    const { status, err, out } = await heddle(['shelves', 'paint', id], [new Response(problem, { status: 404 })]);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toBe(
      'There is no such thing (404 not_found)\nNo shelf.\nhttp://127.0.0.1:4400/docs/problems#not_found\n',
    );
  });

  it('ends with 2, and sends nothing, when it is called wrongly', async () => {
    for (const args of [
      ['shelves', 'burn'],
      ['nothing'],
      ['shelves', 'paint'],
      ['shelves', 'paint', id, '--coats', 'two'],
      ['shelves', 'paint', id, '--owner-type', 'nobody'],
      ['shelves', 'paint', id, '--body', '{'],
      ['shelves', 'list', '--frobnicate'],
    ]) {
      const { status, err, sent } = await heddle(args);
      expect([args, status, sent.length]).toEqual([args, 2, 0]);
      expect(err).toMatch(/^error: /);
    }
  });

  it('helps from the declarations, with 0', async () => {
    const { status, out } = await heddle(['shelves', 'paint', '--help']);
    expect(status).toBe(0);
    expect(out).toContain('The paint is dry at once.');
    expect(out).toContain('PATCH /v1/shelves/{id}');
    expect(out).toContain('Scopes: admin:write');
    expect(out).toMatch(/--owner-type <text>\s+\(choices: "user", "ai_agent"\)/);
    const all = await heddle(['--help']);
    expect(all.out).toMatch(/shelves\s+list, paint/);
    expect((await heddle(['--version'])).out).toBe('1.2.3\n');
  });
});
