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
    this.inFlight = new Gauge({ name: 'heddle_http_requests_in_flight', help: 'Requests not answered yet.', registers });
  }

  /** Counts a request in; the function returned counts it out. */
  begin(operation: string): (status: number) => void {
    const started = performance.now();
    this.inFlight.inc();
    return (status) => {
      this.inFlight.dec();
      this.requests.inc({ operation, status });
      this.duration.observe({ operation }, (performance.now() - started) / 1000);
    };
  }
}
