import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { idToBytes, newId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { openDestination } from '../delivery/destinations.js';
import { MOST_KEPT } from '../delivery/kept-answer.js';
import { headersOf, isTaken, shownHeaders } from '../delivery/signed-post.js';
import type { EndpointState } from '../endpoints/endpoint.state.js';
import { routeOf } from '../fan-out/routes.js';
import { AddressGuard } from '../sending/address-guard.js';
import type { Answer } from '../sending/exchange.js';
import { Sender } from '../sending/sender.js';
import { listed, shownAnswer } from './attempt-detail.js';
import { exampleBody } from './example-body.js';

const MARK = ['heddle-test', 'true'] as const;
const FIRST = { attempts: 1 };

/** Sends endpoints examples, over connections of its own: no delivery waits for one of them. */
@Injectable()
export class TestSend implements OnModuleDestroy {
  private readonly sender: Sender;

  constructor(
    @Inject(portsOf('webhooks')) private readonly ports: ServicePorts,
    @Inject(AddressGuard) guard: AddressGuard,
  ) {
    this.sender = new Sender(guard);
  }

  async onModuleDestroy(): Promise<void> {
    await this.sender.close();
  }

  /** Throws `not_found`, `invalid_value`. */
  async send(workspace: string, endpoint: string, type: string): Promise<object> {
    const state = await this.stateOf(workspace, endpoint);
    const route = routeOf({ endpoint, workspace, state, position: 0 });
    const [id, nowMs] = [newId('evt'), Date.now()];
    const body = exampleBody(type, route.pins.get(type) ?? '', id, new Date(nowMs));
    const { writing, installation } = this.ports;
    const destination = await openDestination(route, (of) => writing.keys.workspaceKey(installation, of));
    const headers = [...headersOf(destination, FIRST, { id, body }, nowMs), ...MARK];
    const answer = await this.sender.post(destination.target, headers, body);
    const shown = shownHeaders({ event_id: id, endpoint_id: endpoint, number: FIRST.attempts }, nowMs);
    return {
      endpoint_id: endpoint,
      event_id: id,
      type,
      outcome: isTaken(answer) ? 'taken' : 'failed',
      status: answer.status,
      error: answer.error,
      detail: answer.detail,
      duration_ms: answer.durationMs,
      request: { headers: listed([...shown, MARK]), body: body.toString('utf8') },
      answer: answerOf(answer),
    };
  }

  private async stateOf(workspace: string, endpoint: string): Promise<EndpointState> {
    const { rows } = await this.ports.reads.query<{ state: string }>(workspace, {
      name: 'state of webhook endpoint',
      text: `select s.state from webhooks.webhook_endpoints r join log.streams s on s.stream = r.id
              where r.id = $1 and not r.deleted`,
      values: [idToBytes(endpoint)],
    });
    const row = rows[0];
    if (row === undefined) {
      throw new Problem('not_found', `There is no webhook endpoint ${endpoint} in this workspace.`);
    }
    return JSON.parse(row.state) as EndpointState;
  }
}

function answerOf({ status, headers, body }: Answer): object | null {
  if (status === null) return null;
  return shownAnswer({ headers, body: body.toString('utf8', 0, MOST_KEPT), bytes: body.length });
}
