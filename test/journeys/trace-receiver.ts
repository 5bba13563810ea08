import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: number; arrayValue?: { values: { stringValue: string }[] } };
}

interface WireSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  traceState?: string;
  name: string;
  kind: number;
  attributes: Attribute[];
  startTimeUnixNano: string;
  endTimeUnixNano: string;
}

interface WireTraces {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { spans: WireSpan[] }[];
  }[];
}

/** A span as it was received, with the `service.name` of the process that made it. */
export interface ReceivedSpan extends Omit<WireSpan, 'attributes'> {
  service: string;
  attributes: Record<string, unknown>;
}

/** A small collector: takes traces as OTLP over HTTP in JSON, and keeps them. */
export class TraceReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** What came, as it came. */
  text = '';

  private constructor(private readonly server: Server) {}

  static async start(): Promise<TraceReceiver> {
    const server = createServer();
    const receiver = new TraceReceiver(server);
    server.on('request', async (request, response) => {
      const sent = request.method === 'POST' && request.url === '/v1/traces';
      if (sent) receiver.take((await json(request)) as WireTraces);
      response.writeHead(sent ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What a process sends its traces here with, soon after they are made. */
  get environment(): Record<string, string> {
    return { OTEL_EXPORTER_OTLP_ENDPOINT: this.url, OTEL_BSP_SCHEDULE_DELAY: '50' };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(traces: WireTraces): void {
    this.text += JSON.stringify(traces);
    for (const { resource, scopeSpans } of traces.resourceSpans) {
      const service = String(plain(resource.attributes)['service.name']);
      for (const { attributes, ...span } of scopeSpans.flatMap(({ spans }) => spans)) {
        this.spans.push({ ...span, service, attributes: plain(attributes) });
      }
    }
  }
}

function plain(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.intValue ?? value.arrayValue?.values.map(({ stringValue }) => stringValue),
    ]),
  );
}
