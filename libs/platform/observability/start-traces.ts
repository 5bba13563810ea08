import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { Traces } from './traces.js';

export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** As OpenTelemetry's variables say it; where the traces go, and with what headers, its exporter reads there itself. */
export interface TraceSettings {
  sampler: (typeof SAMPLERS)[number];
  /** Of the samplers by ratio: 0 to 1. */
  ratio: number;
  /** How long spans are gathered before they are sent; ms. */
  sendEveryMs: number;
  /** More than so many that wait are dropped. */
  mostWaiting: number;
}

export interface StartTracesOptions {
  settings: TraceSettings;
  /** `service.name`, unless OTEL_SERVICE_NAME says another. */
  service: string;
  version: string;
  log: { warn(detail: object, message: string): void };
}

const CLOSE_MS = 2000;

/** The SDK is loaded here, and so only where traces are wanted. */
export async function startTraces(options: StartTracesOptions): Promise<{ traces: Traces; close(): Promise<void> }> {
  const { settings, service, version, log } = options;
  const [sdk, resources, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const resource = resources
    .resourceFromAttributes({ 'service.name': service, 'service.version': version })
    .merge(resources.detectResources({ detectors: [resources.envDetector] }));
  const provider = new sdk.TracerProvider({
    resource,
    sampler: samplerOf(sdk, settings),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: sayingWhyNot(new OTLPTraceExporter(), log),
        scheduledDelayMillis: settings.sendEveryMs,
        maxQueueSize: settings.mostWaiting,
      }),
    ],
  });
  return {
    traces: new Traces(provider.getTracer('heddle', version)),
    close: () => withinPatience(provider.shutdown()),
  };
}

function samplerOf(
  {
    AlwaysOnSampler,
    AlwaysOffSampler,
    ParentBasedSampler,
    TraceIdRatioBasedSampler,
  }: typeof import('@opentelemetry/sdk-trace'),
  { sampler, ratio }: TraceSettings,
) {
  const root = sampler.endsWith('always_on')
    ? new AlwaysOnSampler()
    : sampler.endsWith('always_off')
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(ratio);
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

/** Tells once that traces cannot be sent, and once that they can again. An answer's body is not repeated. */
function sayingWhyNot(exporter: SpanExporter, log: StartTracesOptions['log']): SpanExporter {
  let fails = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.code !== 0;
        if (failed !== fails) {
          const { name, code } = (result.error ?? {}) as { name?: string; code?: string | number };
          if (failed) log.warn({ error: name, code }, 'traces cannot be sent');
          else log.warn({}, 'traces are sent again');
        }
        fails = failed;
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}

/** An end is not held up by a collector that is away. */
async function withinPatience(ended: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS);
  });
  await Promise.race([ended.catch(() => undefined), late]);
  clearTimeout(timer);
}
