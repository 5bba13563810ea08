import { z } from 'zod';
import { SAMPLERS, type TraceSettings } from '../observability/start-traces.js';
import { type Setting, withoutPassword } from './setting.js';

const endpoint = z
  .string()
  .regex(/^https?:\/\//)
  .refine((value) => URL.canParse(value))
  .nullable()
  .default(null);

const count = (usual: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .default(usual)
    .transform(Number);

/** OpenTelemetry's variables that Heddle reads itself; those of the exporter are read by that. */
export const TRACE_VARIABLES = [
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    default: 'none: no traces',
    meaning: 'Where traces are sent, as OTLP over HTTP: http://collector:4318, to which /v1/traces is added.',
    fix: 'set http(s)://host:4318, or unset it and no traces are made',
    shown: withoutPassword,
    schema: endpoint,
  },
  {
    name: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    default: 'none',
    meaning: 'The same for traces alone, as the whole URL.',
    fix: 'set http(s)://host:4318/v1/traces, or unset it',
    shown: withoutPassword,
    schema: endpoint,
  },
  {
    name: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    default: 'http/json',
    meaning: 'Nothing else is spoken; every collector takes it on its port for HTTP.',
    fix: 'set http/json, or unset it',
    schema: z.literal('http/json').default('http/json'),
  },
  {
    name: 'OTEL_SDK_DISABLED',
    default: 'false',
    meaning: 'true makes no traces, whatever else is set.',
    fix: 'set true or false',
    schema: z.enum(['true', 'false']).default('false'),
  },
  {
    name: 'OTEL_TRACES_SAMPLER',
    default: 'parentbased_always_on',
    meaning: `Which traces are kept: ${SAMPLERS.join(', ')}.`,
    fix: `set one of ${SAMPLERS.join(', ')}`,
    schema: z.enum(SAMPLERS).default('parentbased_always_on'),
  },
  {
    name: 'OTEL_TRACES_SAMPLER_ARG',
    default: '1',
    meaning: 'The part of traces that a sampler by ratio keeps, from 0 to 1.',
    fix: 'set a number from 0 to 1',
    schema: z
      .string()
      .regex(/^\d(\.\d{1,9})?$/)
      .default('1')
      .transform(Number)
      .pipe(z.number().max(1)),
  },
  {
    name: 'OTEL_BSP_SCHEDULE_DELAY',
    default: '5000',
    meaning: 'How long spans are gathered before they are sent, in milliseconds.',
    fix: 'set a whole number from 1 on',
    schema: count('5000'),
  },
  {
    name: 'OTEL_BSP_MAX_QUEUE_SIZE',
    default: '2048',
    meaning: 'How many spans may wait to be sent; more are dropped.',
    fix: 'set a whole number from 1 on',
    schema: count('2048'),
  },
] as const satisfies readonly Setting[];

interface TraceValues {
  /** Looked at alone: there is no choice. */
  protocol: 'http/json';
  endpoints: readonly (string | null)[];
  disabled: boolean;
  sampler: TraceSettings['sampler'];
  ratio: number;
  sendEveryMs: number;
  mostWaiting: number;
}

/** Null where no traces are wanted. */
export function traceSettingsOf({ protocol: _, endpoints, disabled, ...settings }: TraceValues): TraceSettings | null {
  return disabled || endpoints.every((one) => one === null) ? null : settings;
}
