import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { InboundRecord, InboundTopics } from '../../../platform/consumers/inbound-topics.js';
import { toId } from '../../../platform/kernel/id.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { DeadLetters } from '../dead-letters/dead-letters.js';
import { RawRecorder } from './raw-recorder.js';

/**
 * Takes in what workspaces' producers write to their raw topics. A record is the topic's workspace's, whatever it says itself; it
 * is recorded once, for ever, and its place in the topic is an id where it has none. The group's offset follows after that, so
 * a record may come again, which changes nothing. What cannot be taken goes to the dead letters, and stops nobody.
 */
@Injectable()
export class RawIntake implements OnApplicationBootstrap {
  private toldOfTopics = false;

  constructor(
    @Inject(portsOf('ingest')) private readonly ports: ServicePorts,
    @Inject(RawRecorder) private readonly recorder: RawRecorder,
    @Inject(DeadLetters) private readonly deadLetters: DeadLetters,
  ) {}

  onApplicationBootstrap(): void {
    const { inbound, writing } = this.ports;
    inbound?.follow('ingest.raw', {
      life: () => writing.store().epochs.at(-1)?.epoch ?? 1,
      topics: () => this.topics(inbound),
      take: (records) => this.take(inbound, records),
    });
  }

  /** Those of the workspaces; what is missing among them is made, where that is allowed. */
  private async topics(inbound: InboundTopics): Promise<string[]> {
    const { rows } = await this.ports.installation.query<{ workspace: string }>({
      name: 'raw_workspaces',
      text: 'select workspace from ingest.raw_workspaces',
    });
    const workspaces = rows.map(({ workspace }) => toId('wsp', workspace));
    const existing = await inbound.existing();
    const missing = workspaces.filter((workspace) => !existing.has(workspace));
    if (missing.length > 0) await this.make(inbound, missing);
    return workspaces.flatMap((workspace) => existing.get(workspace) ?? []).sort();
  }

  private async make(inbound: InboundTopics, workspaces: readonly string[]): Promise<void> {
    try {
      await inbound.make(workspaces);
    } catch (error) {
      if (this.toldOfTopics) return;
      this.toldOfTopics = true;
      this.ports.log.warn(
        { error: (error as Error).message, missing: workspaces.length },
        'raw topics cannot be made: allow Create, or make them as docs/kafka.md says',
      );
    }
  }

  private async take(inbound: InboundTopics, records: readonly InboundRecord[]): Promise<void> {
    const [first] = records;
    const workspace = inbound.workspaceOf(first!.topic)!;
    const outcomes = await this.recorder.record(workspace, records);
    const refused = outcomes.flatMap((outcome, i) =>
      outcome.status === 'refused' ? [{ record: records[i]!, problem: outcome.problem }] : [],
    );
    await this.deadLetters.add(workspace, refused);
  }
}
