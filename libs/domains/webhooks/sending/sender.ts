import { Pool } from 'undici';
import type { AddressGuard } from './address-guard.js';
import { type Answer, Exchange, noAnswer } from './exchange.js';
import { type ClientCertificate, guardedConnector } from './guarded-connector.js';
import { faultOf } from './request-headers.js';

export interface Target {
  /** The endpoint's id. */
  endpoint: string;
  url: string;
  /** Connections at a time; what comes beyond waits for one, on its own time. */
  connections: number;
  clientCertificate: ClientCertificate | null;
}

/** From the call to the last byte that is read of the answer, ms. */
const WITHIN_MS = 15_000;
/** An endpoint's connections are closed when nothing was sent for so long, ms. */
const IDLE_MS = 60_000;
/** How far apart the looks at all deadlines are, ms. */
const TICK_MS = 250;
/** Many servers close a quiet connection after five seconds, and few say so. */
const QUIET_MS = 4000;

/** The way to one endpoint, as long as the target stays what it is made of. */
interface Way {
  target: Target;
  /** Or why there is none. */
  pool: Pool | string;
  path: string;
  usedMs: number;
}

/**
 * POSTs to endpoints over connections that are kept. No redirect is followed, nothing is sent twice, and one time bounds
 * the whole exchange: a receiver that sends a byte a second is no better than one that is silent.
 */
export class Sender {
  private readonly ways = new Map<string, Way>();
  /** In the order of their deadlines: all have the same time. */
  private readonly underWay = new Set<Exchange>();
  private readonly closing = new Set<Promise<unknown>>();
  private clock: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly guard: AddressGuard,
    private readonly withinMs = WITHIN_MS,
    private readonly idleMs = IDLE_MS,
  ) {}

  /**
   * Sends these bytes. Never rejects: what went wrong stands in the answer. `headers` are names and values in turn.
   */
  post(target: Target, headers: string[], body: Buffer): Promise<Answer> {
    if (this.closed) return Promise.resolve(noAnswer('closed', 'the sender is closed'));
    const { pool, path } = this.wayTo(target);
    if (typeof pool === 'string') return Promise.resolve(noAnswer('address_refused', pool));
    const fault = faultOf(headers);
    if (fault !== null) return Promise.resolve(noAnswer('request_invalid', fault));
    return new Promise((answered) => {
      const exchange = new Exchange(this.withinMs, answered, this.ended);
      this.underWay.add(exchange);
      pool.dispatch({ path, method: 'POST', headers, body }, exchange);
    });
  }

  /** Closes an endpoint's connections once what is under way has ended. */
  forget(endpoint: string): void {
    const way = this.ways.get(endpoint);
    if (way === undefined) return;
    this.ways.delete(endpoint);
    if (typeof way.pool === 'string') return;
    const closed = way.pool.close().finally(() => {
      this.closing.delete(closed);
      this.stopClock();
    });
    this.closing.add(closed);
  }

  /** Takes nothing more, lets what is under way end, each in its time, and closes all connections. */
  async close(): Promise<void> {
    this.closed = true;
    for (const endpoint of [...this.ways.keys()]) this.forget(endpoint);
    await Promise.all(this.closing);
    this.stopClock();
  }

  private wayTo(target: Target): Way {
    const known = this.ways.get(target.endpoint);
    if (known !== undefined && isSame(known.target, target)) {
      known.usedMs = performance.now();
      return known;
    }
    this.forget(target.endpoint);
    const way = this.newWay(target);
    this.ways.set(target.endpoint, way);
    this.clock ??= setInterval(() => this.tick(), TICK_MS).unref();
    return way;
  }

  private newWay(target: Target): Way {
    const usedMs = performance.now();
    if (!URL.canParse(target.url)) return { target, pool: 'no URL', path: '', usedMs };
    const url = new URL(target.url);
    const refusal = this.guard.urlRefusal(url);
    if (refusal !== null) return { target, pool: refusal, path: '', usedMs };
    const pool = new Pool(url.origin, {
      connections: target.connections,
      connect: guardedConnector(this.guard, target.clientCertificate, this.withinMs),
      allowH2: false,
      pipelining: 1,
      // The clock of the exchange is the only one.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: QUIET_MS,
      keepAliveMaxTimeout: this.idleMs,
    });
    return { target, pool, path: url.pathname + url.search, usedMs };
  }

  private readonly ended = (exchange: Exchange): void => {
    this.underWay.delete(exchange);
  };

  private tick(): void {
    const nowMs = performance.now();
    for (const exchange of this.underWay) if (!exchange.expire(nowMs)) break;
    for (const [endpoint, { usedMs }] of this.ways) if (nowMs - usedMs >= this.idleMs) this.forget(endpoint);
    this.stopClock();
  }

  private stopClock(): void {
    if (this.ways.size > 0 || this.underWay.size > 0 || this.closing.size > 0) return;
    clearInterval(this.clock);
    this.clock = undefined;
  }
}

function isSame(one: Target, other: Target): boolean {
  if (one === other) return true;
  const [mine, others] = [one.clientCertificate, other.clientCertificate];
  return (
    one.url === other.url &&
    one.connections === other.connections &&
    (mine === others || (mine?.cert === others?.cert && mine?.key === others?.key))
  );
}
