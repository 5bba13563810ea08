import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import { toId } from '../../../platform/kernel/id.js';
import { systemCaller } from '../../../platform/operations/caller.js';
import { isUnavailable } from '../../../platform/postgres/connection.js';
import { LeftAlone } from '../../../platform/runtime/left-alone.js';
import { Rounds } from '../../../platform/runtime/rounds.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { customerAggregate, externalIdClaim } from '../customer.aggregate.js';
import type { CustomerCommand } from '../customer.commands.js';

interface DueRow extends QueryResultRow {
  customer: string;
  workspace: string;
  stream: string;
  seq: number;
}

const EVERY_MS = 250;
const AT_ONCE = 100;
const MAKER = 'placeholder_maker';
/** How their activities came in: what a placeholder says of where they were first met. */
const CHANNEL = 'events';
const DUE = `
  select n.customer, n.workspace, n.stream, n.seq from conversation.newcomers n
   where not n.made and n.stream is not null and n.customer > $1 and n.customer <> all ($2::uuid[])
     and not exists (select from conversation.customers c where c.id = n.customer)
   order by n.customer limit ${AT_ONCE}`;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/**
 * Makes placeholders of customers of whom activities told before anybody made them known, under the id and the name
 * that these gave them. Every process of the service looks, and decides nothing: whom another one has made, or an upsert,
 * the decider leaves alone.
 */
@Injectable()
export class PlaceholderMaker implements OnApplicationBootstrap, OnModuleDestroy {
  /** Who cannot be made, as one who was erased. */
  private readonly leftAlone = new LeftAlone();
  private readonly rounds = new Rounds(EVERY_MS, (over) => this.makeAll(over));

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {}

  onApplicationBootstrap(): void {
    this.rounds.begin();
  }

  async onModuleDestroy(): Promise<void> {
    await this.rounds.end();
  }

  /** One round. */
  private async makeAll(over: AbortSignal): Promise<void> {
    for (let after = BEFORE_ALL; !over.aborted; ) {
      const due = { name: 'newcomers_due', text: DUE, values: [after, this.leftAlone.ids()] };
      const { rows } = await this.ports.installation.query<DueRow>(due);
      await Promise.all(rows.map((row) => this.tryToMake(row)));
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.customer;
    }
  }

  private async tryToMake(row: DueRow): Promise<void> {
    try {
      if (await this.make(row)) this.leftAlone.forget(row.customer);
      else this.leftAlone.leave(row.customer);
    } catch (error) {
      // All others meet the same, and the next round may be done.
      if (!isUnavailable(error)) this.leftAlone.leave(row.customer);
    }
  }

  /** Whether they are made, by whomever. */
  private async make(row: DueRow): Promise<boolean> {
    const workspace = toId('wsp', row.workspace);
    const stream = toId('cus', row.customer);
    const told = toId('act', row.stream);
    const { history } = this.ports;
    const { events } = await history.eventsAt(workspace, told, [row.seq], ['activity.recorded'], 1);
    const name = events[0]?.data.unknown_customer as string | undefined;
    if (name === undefined) return false;
    const { status } = await this.ports.shell.execute({
      aggregate: customerAggregate,
      caller: systemCaller(workspace, MAKER, ['customers:write']),
      workspace,
      stream,
      claims: [externalIdClaim(name)],
      // It is their own: the activity has taken it for them.
      toleratesTaken: true,
      command: ({ taken }): CustomerCommand => {
        const owner = taken.get(0);
        const isTheirs = owner === undefined || toId('cus', owner) === stream;
        return { type: 'hold_place', channel: CHANNEL, externalId: isTheirs ? name : null, name };
      },
      respond: () => ({ status: 200, body: {} }),
    });
    return status < 400;
  }
}
