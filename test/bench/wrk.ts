import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface WrkResult {
  /** Answers a second, of any status. */
  rate: number;
  p50Ms: number;
  p99Ms: number;
  requests: number;
  /** Answers outside 2xx and 3xx, broken connections and time-outs. */
  failed: number;
}

export interface WrkLoad {
  port: number;
  connections: number;
  seconds: number;
  method: 'GET' | 'POST';
  /** Picked at random, evenly, one a request. */
  paths: string[];
  headers: Record<string, string>;
  body?: string;
  /** Adds an `Idempotency-Key` that no other request of the run has. */
  uniqueKeys?: boolean;
}

export const WRK_MISSING =
  'wrk is not installed (Debian, Ubuntu: apt-get install wrk): the rows that need it are skipped';

export function hasWrk(): boolean {
  try {
    execFileSync('wrk', ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    // Without a URL wrk prints its version and exits 1.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/**
 * Runs wrk with one thread, so that the client takes its own share of the cores and no more. The requests' bytes are
 * made ahead but for path and key: formatting them in the loop would measure Lua.
 */
export async function wrk(load: WrkLoad): Promise<WrkResult> {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-wrk-'));
  const script = join(folder, 'load.lua');
  writeFileSync(script, lua(load));
  try {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    execFile(
      'wrk',
      [
        ...['-t', '1', '-c', String(load.connections), '-d', `${load.seconds}s`, '--timeout', '10s', '-s', script],
        `http://127.0.0.1:${load.port}`,
      ],
      (error, stdout) => (error === null ? resolve(stdout) : reject(error)),
    );
    const line = (await promise).split('\n').find((text) => text.startsWith('RESULT '));
    const [requests, micros, failed, p50, p99] = line?.split(' ').slice(1).map(Number) ?? [];
    if (p99 === undefined) throw new Error('wrk printed no result');
    return {
      rate: (requests! / micros!) * 1e6,
      p50Ms: p50! / 1000,
      p99Ms: p99 / 1000,
      requests: requests!,
      failed: failed!,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lua(load: WrkLoad): string {
  const body = load.body ?? '';
  const headers = {
    Host: `127.0.0.1:${load.port}`,
    ...load.headers,
    ...(body === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
  };
  const head = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const run = crypto.randomUUID();
  return `
local heads = {}
${load.paths.map((path, i) => `heads[${i + 1}] = ${quote(`${load.method} ${path} HTTP/1.1\r\n`)}`).join('\n')}
local rest = ${quote(`${head}\r\n${body}`)}
local n, count, random = 0, #heads, math.random
math.randomseed(${Math.floor(Math.random() * 2 ** 31)})
request = function()
  ${
    load.uniqueKeys
      ? `n = n + 1
  return heads[random(count)] .. "Idempotency-Key: ${run}-" .. n .. "\\r\\n" .. rest`
      : 'return heads[random(count)] .. rest'
  }
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    e.status + e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
`;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\r', '\\r').replaceAll('\n', '\\n')}"`;
}
