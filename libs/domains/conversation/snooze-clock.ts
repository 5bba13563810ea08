import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import { toId } from '../../platform/kernel/id.js';
import { systemCaller } from '../../platform/operations/caller.js';
import { Rounds } from '../../platform/runtime/rounds.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { conversationAggregate } from './conversation.aggregate.js';

interface DueRow extends QueryResultRow {
  conversation: string;
  workspace: string;
  until: string;
}

const EVERY_MS = 1000;
const AT_ONCE = 100;
const CLOCK = 'snooze_clock';
const DUE = `
  select conversation, workspace, snoozed_until as until from conversation.conversations
   where snoozed_until <= now() and (snoozed_until, conversation) > ($1, $2)
   order by snoozed_until, conversation limit ${AT_ONCE}`;
const BEFORE_ALL = { until: '-infinity', conversation: '00000000-0000-0000-0000-000000000000' };

/**
 * Opens conversations when the time has come until which they were snoozed. Every process of the service looks, and
 * decides nothing: what another one has opened, or somebody has put off anew, the decider refuses to open.
 */
@Injectable()
export class SnoozeClock implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds = new Rounds(EVERY_MS, (over) => this.wakeAll(over));

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {}

  onApplicationBootstrap(): void {
    this.rounds.begin();
  }

  async onModuleDestroy(): Promise<void> {
    await this.rounds.end();
  }

  /** One round: what cannot be opened is passed over, and looked at again in the next one. */
  private async wakeAll(over: AbortSignal): Promise<void> {
    for (let after: Pick<DueRow, 'until' | 'conversation'> = BEFORE_ALL; !over.aborted; ) {
      const values = [after.until, after.conversation];
      const { rows } = await this.ports.installation.query<DueRow>({ name: 'snoozed_until_now', text: DUE, values });
      await Promise.all(rows.map((row) => this.wake(row)));
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last;
    }
  }

  private async wake({ conversation, workspace, until }: DueRow): Promise<void> {
    const stream = toId('conv', conversation);
    const caller = systemCaller(toId('wsp', workspace), CLOCK, ['conversations:write']);
    try {
      await this.ports.shell.execute({
        aggregate: conversationAggregate,
        caller,
        workspace: caller.workspace,
        stream,
        command: { type: 'wake', until: Date.parse(until) },
        respond: () => ({ status: 200, body: {} }),
      });
    } catch {
      // It is still due, and looked at again; where its customer was erased, for good.
    }
  }
}
