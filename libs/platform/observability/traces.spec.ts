import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { readTraceparent, writeTraceparent } from './traceparent.js';
import { now, Traces } from './traces.js';

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const UNSAMPLED = PARENT.replace(/01$/, '00');
const POST = { name: 'messages.post', method: 'POST', path: '/v1/conversations/{id}/messages' };

let exporter: InMemorySpanExporter;
let traces: Traces;
beforeEach(() => {
  exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  traces = new Traces(provider.getTracer('spec'));
});

const spans = () => exporter.getFinishedSpans();

describe('a traceparent', () => {
  it('is read and written as W3C Trace Context says', () => {
    expect(writeTraceparent(readTraceparent(PARENT)!)).toBe(PARENT);
    expect(readTraceparent(PARENT)).toMatchObject({ traceFlags: 1, isRemote: true });
  });

  it.each([
    undefined,
    '',
    ['a', 'b'],
    PARENT.toUpperCase(),
    PARENT.replace('0af7651916cd43dd8448eb211c80319c', '0'.repeat(32)),
    PARENT.replace('b7ad6b7169203331', '0'.repeat(16)),
    `${PARENT}-more`,
  ])('that is none is passed over: %j', (value) => {
    expect(readTraceparent(value)).toBeNull();
  });
});

describe('a request', () => {
  it("is the child of the caller's span, with the caller's trace state", () => {
    const request = traces.request(POST, { traceparent: PARENT, tracestate: 'vendor=a1' });
    request.end(201, 'wsp_1');
    const [span] = spans();
    expect(span!.name).toBe('POST /v1/conversations/{id}/messages');
    expect(span!.parentSpanContext!.spanId).toBe('b7ad6b7169203331');
    expect(span!.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(span!.spanContext().traceState!.serialize()).toBe('vendor=a1');
    expect(request.traceparent).toBe(`00-0af7651916cd43dd8448eb211c80319c-${span!.spanContext().spanId}-01`);
    expect(span!.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/v1/conversations/{id}/messages',
      'url.scheme': 'http',
      'heddle.operation': 'messages.post',
      'http.response.status_code': 201,
      'heddle.workspace': 'wsp_1',
    });
  });

  it('begins a trace where none came, and a failed one is an error', () => {
    traces.request(POST, { traceparent: 'nonsense', tracestate: 'vendor=a1' }).end(503, null);
    const [span] = spans();
    expect(span!.parentSpanContext).toBeUndefined();
    expect(span!.spanContext().traceState).toBeUndefined();
    expect([span!.status.code, span!.attributes['error.type']]).toEqual([2, '503']);
  });

  it('that its caller does not sample is recorded nowhere, and hands that on', () => {
    const request = traces.request(POST, { traceparent: UNSAMPLED });
    expect(request.traceparent).toMatch(/-00$/);
    expect(traces.command(request.context, 'conversation')).toBeNull();
    traces.applied({ projection: 'p', partition: 'log', began: now(), events: [event(request.traceparent)] });
    request.end(200, null);
    expect(spans()).toEqual([]);
  });
});

function event(traceparent: string | null, setAside = false) {
  return { meta: { id: 'evt_1', type: 'message.created', traceparent }, setAside };
}

describe('a batch', () => {
  it("is a span for each command that it has events of, as the command's child", () => {
    const command = traces.command(readTraceparent(PARENT)!, 'conversation')!;
    const other = traces.command(readTraceparent(PARENT)!, 'conversation')!;
    command.end(201);
    other.end(201);
    exporter.reset();
    traces.applied({
      projection: 'facts',
      partition: 'heddle.conversation/7',
      began: now(),
      events: [event(command.traceparent), event(null), event(other.traceparent, true), event(command.traceparent)],
    });
    expect(spans().map((span) => span.parentSpanContext!.spanId)).toEqual([
      command.context.spanId,
      other.context.spanId,
    ]);
    expect(spans().map(({ status }) => status.code)).toEqual([0, 2]);
    expect(spans()[1]!.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.destination.name': 'heddle.conversation',
      'messaging.destination.partition.id': '7',
      'messaging.consumer.group.name': 'facts',
      'messaging.batch.message_count': 4,
      'messaging.message.id': 'evt_1',
    });
  });
});
