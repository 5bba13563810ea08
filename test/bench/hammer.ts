import { Agent, request } from 'node:http';
import { percentile } from './figures.js';

export interface HammerLoad {
  port: number;
  connections: number;
  seconds: number;
  headers: Record<string, string>;
  /** The next request; each is another one, which wrk cannot do with bodies. */
  next(): { method: 'GET' | 'POST'; path: string; body?: string };
}

export interface HammerResult {
  rate: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** Answers that are not 200. */
  failed: number;
}

/** So many connections that each send a request when the one before was answered whole. For rates below some thousands. */
export async function hammer(load: HammerLoad): Promise<HammerResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const latencies: number[] = [];
  let failed = 0;
  const began = performance.now();
  const end = began + load.seconds * 1000;
  const connection = async () => {
    while (performance.now() < end) {
      const sent = performance.now();
      const status = await answered(agent, load);
      latencies.push(performance.now() - sent);
      if (status !== 200) failed++;
    }
  };
  await Promise.all(Array.from({ length: load.connections }, connection));
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  const at = (rank: number) => percentile(latencies, rank);
  return { rate: latencies.length / seconds, p50Ms: at(50), p95Ms: at(95), p99Ms: at(99), failed };
}

function answered(agent: Agent, load: HammerLoad): Promise<number> {
  const { method, path, body } = load.next();
  const headers = {
    ...load.headers,
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
  };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: load.port, agent, method, path, headers }, (answer) => {
      answer.on('error', reject);
      answer.on('end', () => resolve(answer.statusCode ?? 0));
      answer.resume();
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
