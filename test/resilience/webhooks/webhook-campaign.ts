import { setTimeout as sleep } from 'node:timers/promises';
import { type Campaign, type Outcome, runCampaign } from '../campaign.js';
import { Deliveries, type EndpointWish, SAME_CLOCK_S, sentenceOf } from './deliveries.js';
import type { DeliveryFigures } from './delivery-judge.js';
import { Sink } from './sink.js';
import { USUAL_ENDPOINTS } from './usual-endpoints.js';

export type WebhookCampaign = Pick<
  Campaign,
  'ports' | 'rootKey' | 'databaseUrl' | 'tries' | 'random' | 'recoverWithinMs' | 'clients' | 'pauseMs' | 'keyMade'
> & {
  /** For its sentence. */
  name: string;
  folder: string;
  endpoints?: readonly EndpointWish[];
  /** How far the sender's clock may be from the sink's, s. */
  clockS?: number;
  fault: (n: number, begun: () => void, deliveries: Deliveries) => Promise<number | undefined>;
};

/** Until a process that was killed is certainly gone, with what it had sent. */
const GONE_MS = 500;
/** Under load, beside the moment that every campaign leaves between two faults. */
const BETWEEN_FAULTS_MS = 2000;

/** A campaign beside which endpoints are made: what is acknowledged is brought to an outside sink, and both are judged. */
export async function runWebhookCampaign(
  campaign: WebhookCampaign,
): Promise<Outcome & { figures: DeliveryFigures | null }> {
  const { name, folder, endpoints = USUAL_ENDPOINTS, clockS = SAME_CLOCK_S, fault, keyMade, ...rest } = campaign;
  const sink = await Sink.start(folder);
  let made: Deliveries | null = null;
  try {
    const outcome = await runCampaign({
      pauseMs: 20,
      ...rest,
      async keyMade(key) {
        await keyMade?.(key);
        made = new Deliveries(sink, rest.ports[0]!, key, clockS);
        await made.make(endpoints);
      },
      async fault(n, begun) {
        await sleep(BETWEEN_FAULTS_MS * rest.random());
        return fault(n, begun, made!);
      },
      judge: () => made!.judged(),
    });
    const { figures } = made! as Deliveries;
    if (figures !== null) console.error(sentenceOf(name, figures));
    return { ...outcome, figures };
  } finally {
    (made as Deliveries | null)?.close();
    await sink.end();
  }
}

/** Runs what ends a process at once: the answers that were on their way to it are heard by nobody. */
export function killing(deliveries: Deliveries, kill: () => void): void {
  const deaf = deliveries.deaf();
  kill();
  deaf.to = Date.now() + GONE_MS;
}
