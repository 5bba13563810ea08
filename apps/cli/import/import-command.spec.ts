import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Module } from '@nestjs/common';
import { exitStatus } from '../exit-status.js';
import { makeProgram } from '../program.js';

@Module({})
class NoModule {}

const SUMMARY = '{"read":2,"created":2,"skipped":0,"refused":0,"messages":5}';

describe('heddle import', () => {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-import-'));
  const file = join(folder, 'two.ndjson');
  writeFileSync(file, '{"a":1}\n\n{"a":2}\n');
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs it against a server that answers the n-th request with the n-th answer, and with the last one from then on. */
  async function run(args: string[], answers: ((reply: ServerResponse) => void)[]) {
    const sent: { url: string; key: string | undefined; body: string }[] = [];
    const server = createServer(async (request, reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      sent.push({ url: request.url!, key: request.headers.authorization, body: Buffer.concat(chunks).toString() });
      answers[Math.min(sent.length, answers.length) - 1]!(reply);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const terminal = { out: new PassThrough(), err: new PassThrough(), columns: null, draws: false };
    const env = {
      HEDDLE_URL: `http://127.0.0.1:${port}`,
      HEDDLE_DATA_DIR: folder,
      HEDDLE_ROOT_KEY: 'root-of-sixteen-chars',
    };
    const program = makeProgram(NoModule, '1.2.3', { env, terminal, sleep: async () => undefined });
    let status = 0;
    // A suite that failed before in this process leaves its own.
    process.exitCode = undefined;
    try {
      await program.parseAsync(['import', ...args], { from: 'user' });
      status = Number(process.exitCode ?? 0);
    } catch (error) {
      status = exitStatus(error, terminal);
    } finally {
      process.exitCode = undefined;
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    }
    return { status, sent, out: String(terminal.out.read() ?? ''), err: String(terminal.err.read() ?? '') };
  }

  const lineOf = (organization: string, conversation: string) => {
    const author = { type: 'customer', id: 'ada' };
    const messages = [{ id: 'm', at: '2026-03-01T10:00:00Z', author, text: 'Hello 🧶' }];
    return JSON.stringify({ organization, conversation, channel: 'email', customer: 'ada', messages });
  };
  const good = (reply: ServerResponse) => void reply.end(`${SUMMARY}\n`);
  const cutOff = (reply: ServerResponse) => {
    reply.write('{"line":1,');
    setImmediate(() => reply.destroy());
  };
  const broken = (reply: ServerResponse) => void reply.writeHead(500).end('{"code":"internal"}');

  it('prints the counts, with the root key where a workspace is named', async () => {
    const { status, sent, out, err } = await run([file, '--workspace', 'wsp_1'], [good]);
    expect({ status, out, err }).toEqual({ status: 0, out: `${SUMMARY}\n`, err: '' });
    const key = 'Bearer root-of-sixteen-chars';
    expect(sent).toEqual([{ url: '/v1/import?workspace_id=wsp_1', key, body: '{"a":1}\n\n{"a":2}\n' }]);
    expect((await run([file, '--workspace', 'w', '--workspace-from', 'organization'], [good])).status).toBe(2);
  });

  it('brings each organization’s lines into its workspace, by the API alone', async () => {
    const lines = ['A', 'B', 'A'].map((organization, n) => lineOf(organization, `c ${n}`));
    const mixed = join(folder, 'mixed.ndjson');
    writeFileSync(mixed, `${lines[0]}\nnot json\n${lines[1]}\n\n${lines[2]}\n`);
    const found = (reply: ServerResponse) => void reply.end('{"data":[{"id":"wsp_a"}],"next_cursor":null}');
    const none = (reply: ServerResponse) => void reply.end('{"data":[],"next_cursor":null}');
    const made = (reply: ServerResponse) => void reply.writeHead(201).end('{"id":"wsp_b"}');
    const refusal = '{"line":2,"code":"body_too_large","detail":"As the server says."}';
    const first = (reply: ServerResponse) =>
      void reply.end(`${refusal}\n{"read":2,"created":1,"skipped":0,"refused":1,"messages":1}\n`);
    const second = (reply: ServerResponse) =>
      void reply.end('{"read":1,"created":0,"skipped":1,"refused":0,"messages":0}\n');
    const { status, sent, out, err } = await run(
      [mixed, '--workspace-from', 'organization'],
      [found, broken, first, none, made, second],
    );
    expect({ status, out, err }).toEqual({
      status: 1,
      out: '{"read":4,"created":1,"skipped":1,"refused":2,"messages":1}\n',
      err: 'line 2: malformed_request: The line is not JSON.\nline 5: body_too_large: As the server says.\n',
    });
    expect(sent.map(({ url, body }) => [url, body])).toEqual([
      ['/v1/workspaces?external_id=A&limit=1', ''],
      ['/v1/import?workspace_id=wsp_a', `${lines[0]}\n${lines[2]}\n`],
      ['/v1/import?workspace_id=wsp_a', `${lines[0]}\n${lines[2]}\n`],
      ['/v1/workspaces?external_id=B&limit=1', ''],
      ['/v1/workspaces', '{"name":"B","external_id":"B"}'],
      ['/v1/import?workspace_id=wsp_b', `${lines[1]}\n`],
    ]);
    expect(new Set(sent.map(({ key }) => key))).toEqual(new Set(['Bearer root-of-sixteen-chars']));
  });

  it('says from which line on where no workspace can be made', async () => {
    const one = join(folder, 'one.ndjson');
    writeFileSync(one, `\n${lineOf('A', 'c')}\n`);
    const forbidden = (reply: ServerResponse) =>
      void reply.writeHead(403).end('{"code":"forbidden","title":"The key may not do this"}');
    const { status, sent, out, err } = await run([one, '--workspace-from', 'organization'], [forbidden]);
    expect({ status, out, asked: sent.length }).toEqual({ status: 1, out: '', asked: 1 });
    expect(err).toMatch(/^The key may not do this \(403 forbidden\)\nThe import stopped at line 1\. Run it again/);
  });

  it('goes on after connections that broke, answers that were cut off and errors of the server', async () => {
    const dropped = (reply: ServerResponse) => void reply.destroy();
    const { status, sent, out } = await run([file, '--workspace', 'wsp_1'], [dropped, cutOff, broken, good]);
    expect({ status, out }).toEqual({ status: 0, out: `${SUMMARY}\n` });
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
    expect(sent).toHaveLength(4);
  });

  it('gives up after ten times, and says from which line on', async () => {
    const { status, sent, out, err } = await run([file, '--workspace', 'wsp_1'], [broken]);
    expect({ status, out, tries: sent.length }).toEqual({ status: 1, out: '', tries: 10 });
    expect(err).toContain('The import stopped at line 1. Run it again: what is in already is skipped.');
  });

  it('ends with 1 where a line was refused, and says which', async () => {
    const counts = '{"read":2,"created":1,"skipped":0,"refused":1,"messages":2}';
    const refusal = '{"line":3,"code":"invalid_request","detail":"/channel is missing."}';
    const { status, out, err } = await run(
      [file, '--workspace', 'wsp_1'],
      [(r) => void r.end(`${refusal}\n${counts}\n`)],
    );
    expect({ status, out }).toEqual({ status: 1, out: `${counts}\n` });
    expect(err).toBe('line 3: invalid_request: /channel is missing.\n');
  });

  it('sends nothing where the file cannot be read', async () => {
    for (const [name, code] of [
      ['missing.ndjson', 'ENOENT'],
      ['.', 'EISDIR'],
    ]) {
      const { status, sent, out, err } = await run([join(folder, name!), '--workspace', 'wsp_1'], [good]);
      expect({ status, sent, out }).toEqual({ status: 1, sent: [], out: '' });
      expect(err).toBe(`${join(folder, name!)} cannot be read (${code}).\n`);
    }
  });
});
