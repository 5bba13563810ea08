import type { SpanContext } from '@opentelemetry/api';

const FORM = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Whether it is a `traceparent` of W3C Trace Context; what is not one is passed over, as it says. */
export function isTraceparent(value: unknown): value is string {
  return typeof value === 'string' && FORM.test(value);
}

/** The span that a `traceparent` names, of another process; null where it is none. */
export function readTraceparent(value: unknown): SpanContext | null {
  const parts = typeof value === 'string' ? FORM.exec(value) : null;
  if (parts === null) return null;
  const [, traceId, spanId, flags] = parts as unknown as [string, string, string, string];
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

export function writeTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
