import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Requests by operation and status, and how long they took. Labels are names of operations, never of things. */
export class RequestMetrics {
  private readonly requests: Counter<'operation' | 'status'>;
  private readonly duration: Histogram<'operation'>;
  private readonly inFlight: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.requests = new Counter({
      name: 'heddle_http_requests_total',
      help: 'Answers given, by operation and status.',
      labelNames: ['operation', 'status'],
      registers,
    });
    this.duration = new Histogram({
      name: 'heddle_http_request_duration_seconds',
      help: 'From the request being read to its answer being handed over.',
      labelNames: ['operation'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    });
    this.inFlight = new Gauge({
      name: 'heddle_http_requests_in_flight',
      help: 'Requests not answered yet.',
      registers,
    });
  }

  /** The counters of one operation, found once: a look-up by labels takes 2 µs, and there are four a request. */
  for(operation: string): OperationMetrics {
    const byStatus = new Map<number, { inc(): void }>();
    const duration = this.duration.labels({ operation });
    const { inFlight, requests } = this;
    return {
      begin() {
        inFlight.inc();
        return performance.now();
      },
      end(started, status) {
        inFlight.dec();
        let answers = byStatus.get(status);
        if (answers === undefined) {
          answers = requests.labels({ operation, status });
          byStatus.set(status, answers);
        }
        answers.inc();
        duration.observe((performance.now() - started) / 1000);
      },
    };
  }
}

export interface OperationMetrics {
  /** Counts a request in, and says when that was. */
  begin(): number;
  /** Counts it out. */
  end(started: number, status: number): void;
}
