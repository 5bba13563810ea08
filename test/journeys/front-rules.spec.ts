import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppModule } from '../../apps/heddle/app.module.js';
import { INTERNAL_PATHS, SERVES_THE_REST, SERVICES } from '../../apps/services.js';
import { operationsOf } from '../../libs/platform/operations/handles.js';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { freePorts } from '../../libs/platform/testing/free-ports.js';
import { describeWith } from '../../libs/platform/testing/needed-programs.js';
import { until } from '../../libs/platform/testing/until.js';

function missingCaddy(): string | undefined {
  try {
    execFileSync('caddy', ['version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'want of a Caddy: install it (Debian, Ubuntu: apt-get install caddy).';
  }
}

describeWith('deploy/Caddyfile, in a Caddy', missingCaddy(), () => {
  const stubs = new Map<string, Server>();
  let folder: string;
  let caddy: ChildProcess;
  let url: string;

  const portOf = (server: Server) => (server.address() as AddressInfo).port;

  /** Each says who it is, and what it was asked. */
  async function stub(name: string, port = 0): Promise<void> {
    const server = createServer((request, response) => {
      textOf(request).then(
        (body) => response.end(JSON.stringify({ name, method: request.method, path: request.url, body })),
        () => undefined,
      );
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    stubs.set(name, server);
  }

  async function answerOf(method: string, path: string, body?: string): Promise<{ name?: string; status?: number }> {
    const response = await fetch(url + path, { method, ...(body === undefined ? {} : { body }) });
    return response.ok ? ((await response.json()) as { name: string }) : { status: response.status };
  }

  beforeAll(async () => {
    for (const { name, module } of SERVICES) if (module !== null) await stub(name, await freePorts(1));
    await stub('conversation-2');
    folder = mkdtempSync(join(tmpdir(), 'heddle-caddy-'));
    const at = (name: string) => `127.0.0.1:${portOf(stubs.get(name)!)}`;
    const port = await freePorts(1);
    url = `http://127.0.0.1:${port}`;
    caddy = spawn('caddy', ['run', '--config', join(packageRoot, 'deploy', 'Caddyfile'), '--adapter', 'caddyfile'], {
      env: {
        PATH: process.env.PATH,
        XDG_DATA_HOME: folder,
        XDG_CONFIG_HOME: folder,
        HEDDLE_SITE: `:${port}`,
        ACCESS: at('access'),
        ANALYTICS: at('analytics'),
        EVENTS: at('events'),
        INGEST: at('ingest'),
        WEBHOOKS: at('webhooks'),
        CONVERSATION: `${at('conversation')} ${at('conversation-2')}`,
      },
      stdio: 'ignore',
    });
    await until(
      () =>
        fetch(url).then(
          () => true,
          () => false,
        ),
      60_000,
    );
  }, 120_000);
  afterAll(async () => {
    if (caddy !== undefined && caddy.exitCode === null) {
      const ended = once(caddy, 'exit');
      caddy.kill('SIGTERM');
      await ended;
    }
    for (const server of stubs.values()) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const served = SERVICES.flatMap(({ name, module }) =>
    module === null ? [] : operationsOf(module).map(({ method, path }) => ({ name, method, path })),
  );

  it('brings every operation to its service, with path, query and body as they were', async () => {
    expect(served).toHaveLength(operationsOf(AppModule).length);
    for (const { name, method, path } of served) {
      const asked = `${path.replace(/\{\w+\}/g, 'x_1%2F2')}?limit=1&cursor=a%20b`;
      const body = method === 'GET' ? undefined : '{"name":"Ada"}';
      const answer = await answerOf(method, asked, body);
      expect(answer).toEqual({
        name: name === 'conversation' ? expect.stringMatching(/^conversation(-2)?$/) : name,
        method,
        path: asked,
        body: body ?? '',
      });
    }
  });

  it('uses every process of a service', async () => {
    const names = new Set<string>();
    for (let i = 0; i < 50; i++) names.add((await answerOf('GET', '/v1/customers')).name ?? 'nobody');
    expect([...names].sort()).toEqual(['conversation', 'conversation-2']);
  });

  it('brings the rest to the service that serves it', async () => {
    for (const path of ['/', '/docs', '/openapi.json', '/registry/subjects', '/v1/customersX', '/v2/customers']) {
      expect(await answerOf('GET', path)).toMatchObject({ name: SERVES_THE_REST, path });
    }
  });

  it('keeps what operating needs from strangers', async () => {
    for (const path of INTERNAL_PATHS) expect(await answerOf('GET', path)).toEqual({ status: 404 });
  });

  it('waits for a process that is being started again', async () => {
    const old = stubs.get('analytics')!;
    const port = portOf(old);
    old.closeAllConnections();
    await new Promise((resolve) => old.close(resolve));
    // What was on a connection that ends is lost to the proxy: it is to have seen the end before.
    await sleep(200);
    const answer = answerOf('GET', '/v1/analytics/anything');
    await sleep(500);
    await stub('analytics', port);
    expect(await answer).toMatchObject({ name: 'analytics' });
  });
});
