import { idToBytes } from '../../../platform/kernel/id.js';
import { placeOf } from '../../../platform/keys/data-key.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import { type Bodies, bodiesOn, nameOf } from '../bodies/bodies.js';
import { keyIdsOfBody, openBody } from '../bodies/sealed-body.js';
import { headOf } from '../bodies/webhook-body.js';
import { type KeptText, readKeptText } from '../delivery/kept-answer.js';
import { shownHeaders } from '../delivery/signed-post.js';
import type { KeptRow, ShownAttempt } from './attempt.queries.js';

type Pairs = readonly (readonly [name: string, value: string])[];

/** What was sent with an attempt, and what came back, as far as it may still be known. */
export class AttemptDetail {
  private readonly bodies: Bodies;

  constructor(private readonly ports: Pick<ServicePorts, 'installation' | 'writing' | 'feed' | 'history'>) {
    this.bodies = bodiesOn(ports, ports.installation);
  }

  async of(attempt: ShownAttempt, row: KeptRow): Promise<object> {
    const message = (await this.bodies.read([row])).get(nameOf(row));
    const body = message?.body.toString('utf8') ?? null;
    const kept = (await this.isWithheld(message?.body)) ? null : await this.open(attempt.id, row);
    const headers = shownHeaders(attempt, kept === null ? null : kept.timestamp * 1000, row.replay);
    return {
      ...attempt,
      detail: kept?.detail ?? null,
      request: { headers: listed(headers), body },
      answer: kept === null || attempt.status === null ? null : shownAnswer(kept),
      erased: row.answer !== null && kept === null,
    };
  }

  private async open(id: string, { workspace, position, answer }: KeptRow): Promise<KeptText | null> {
    if (answer === null) return null;
    const { installation, writing } = this.ports;
    const keyring = await writing.keys.loadByIds(installation, new Set(keyIdsOfBody(answer)));
    const pin = `answer ${idToBytes(id).toString('hex')}`;
    const text = openBody(keyring, { workspace, position, pin }, answer);
    return text === null ? null : readKeptText(text);
  }

  /** Whether the message was redacted: an answer may say again what it said. */
  private async isWithheld(body: Buffer | undefined): Promise<boolean> {
    const head = body === undefined ? null : headOf(body);
    if (head === null) return false;
    const { installation, writing } = this.ports;
    const withheld = await writing.keys.withheldOn(installation, [head.stream]);
    return withheld.has(placeOf(head.stream, head.sequence));
  }
}

export function shownAnswer({ headers, body, bytes }: Pick<KeptText, 'headers' | 'body' | 'bytes'>): object {
  return { headers: listed(headers), body, bytes };
}

export function listed(pairs: Pairs): { name: string; value: string }[] {
  return pairs.map(([name, value]) => ({ name, value }));
}
