import {
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { EventMeta } from '../kernel/event.js';
import { readTraceparent, writeTraceparent } from './traceparent.js';

/** What of a request goes into its span: names of the declaration, and never what was sent. */
interface TracedOperation {
  name: string;
  method: string;
  path: string;
}

/** A span that has begun, and where it stands in its trace. */
export interface OpenSpan {
  readonly context: SpanContext;
  /** What is handed on: W3C `traceparent` with this span as the parent. */
  readonly traceparent: string;
}

export interface RequestSpan extends OpenSpan {
  end(status: number, workspace: string | null): void;
}

export interface CommandSpan extends OpenSpan {
  /** What it was appended with. */
  appendedWith(commands: number, events: number): void;
  /** `status` is the answer's. */
  end(status: number): void;
  fail(error: unknown): void;
}

/** A batch that a followed projection has applied. */
export interface AppliedBatch {
  projection: string;
  /** `log`, or `heddle.conversation/7`. */
  partition: string;
  /** When its application began; ms since 1970, with fractions. */
  began: number;
  events: readonly { meta: Pick<EventMeta, 'id' | 'type' | 'traceparent'>; setAside: boolean }[];
}

/**
 * Spans of requests, of commands and of what projections apply, after OpenTelemetry's conventions for HTTP and for
 * messaging (docs/decisions/0026). Attributes are names of declarations, ids and counts.
 */
export class Traces {
  constructor(private readonly tracer: Tracer) {}

  /** The request's span: the child of the caller's where a valid `traceparent` was sent, else the first of a trace. */
  request({ name, method, path }: TracedOperation, headers: Readonly<Record<string, unknown>>): RequestSpan {
    const parent = readTraceparent(headers.traceparent);
    if (parent !== null && typeof headers.tracestate === 'string') {
      parent.traceState = createTraceState(headers.tracestate);
    }
    const span = this.tracer.startSpan(
      `${method} ${path}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': method,
          'http.route': path,
          'url.scheme': 'http',
          'heddle.operation': name,
        },
      },
      parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent),
    );
    return {
      ...standing(span),
      end(status, workspace) {
        span.setAttribute('http.response.status_code', status);
        if (workspace !== null) span.setAttribute('heddle.workspace', workspace);
        if (status >= 500) fail(span, String(status));
        span.end();
      },
    };
  }

  /** From the command's arrival to its commit; null where its trace is not sampled. Its events carry its context. */
  command(parent: SpanContext, aggregate: string): CommandSpan | null {
    if ((parent.traceFlags & TraceFlags.SAMPLED) === 0) return null;
    const span = this.tracer.startSpan(
      `append ${aggregate}`,
      {
        kind: SpanKind.PRODUCER,
        attributes: {
          'messaging.system': 'heddle',
          'messaging.operation.name': 'append',
          'messaging.operation.type': 'send',
          'messaging.destination.name': aggregate,
        },
      },
      trace.setSpanContext(ROOT_CONTEXT, parent),
    );
    return {
      ...standing(span),
      appendedWith(commands, events) {
        span.setAttributes({ 'heddle.group.commands': commands, 'heddle.group.events': events });
      },
      end(status) {
        span.setAttribute('heddle.answer', status);
        span.end();
      },
      fail(error) {
        fail(span, (error as Error).name);
        span.end();
      },
    };
  }

  /** A span for each sampled command whose events are in the batch: the child of the command's. */
  applied({ projection, partition, began, events }: AppliedBatch): void {
    const end = now();
    const [topic, number] = partition.split('/');
    for (const [traceparent, its] of sampledCommands(events)) {
      const [first] = its;
      const span = this.tracer.startSpan(
        `process ${projection}`,
        {
          kind: SpanKind.CONSUMER,
          startTime: began,
          attributes: {
            'messaging.system': number === undefined ? 'heddle' : 'kafka',
            'messaging.operation.name': 'process',
            'messaging.operation.type': 'process',
            'messaging.consumer.group.name': projection,
            'messaging.destination.name': topic!,
            ...(number === undefined ? {} : { 'messaging.destination.partition.id': number }),
            'messaging.batch.message_count': events.length,
            ...(its.length === 1 ? { 'messaging.message.id': first!.meta.id } : {}),
            'heddle.event.types': [...new Set(its.map(({ meta }) => meta.type))],
          },
        },
        trace.setSpanContext(ROOT_CONTEXT, readTraceparent(traceparent)!),
      );
      if (its.some(({ setAside }) => setAside)) fail(span, 'set_aside');
      span.end(end);
    }
  }
}

/** The time, as spans take it. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

function sampledCommands(events: AppliedBatch['events']): Map<string, AppliedBatch['events'][number][]> {
  const found = new Map<string, AppliedBatch['events'][number][]>();
  for (const event of events) {
    const { traceparent } = event.meta;
    if (traceparent === null || !isSampled(traceparent)) continue;
    const its = found.get(traceparent);
    if (its === undefined) found.set(traceparent, [event]);
    else its.push(event);
  }
  return found;
}

function isSampled(traceparent: string): boolean {
  const context = readTraceparent(traceparent);
  return context !== null && (context.traceFlags & TraceFlags.SAMPLED) !== 0;
}

function standing(span: Span): OpenSpan {
  const context = span.spanContext();
  return { context, traceparent: writeTraceparent(context) };
}

/** `type` is the name of a class, or a code: messages of errors may quote a person. */
function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
