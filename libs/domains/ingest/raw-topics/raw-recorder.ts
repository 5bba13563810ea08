import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '../../../platform/kernel/problem.js';
import { type Caller, systemCaller } from '../../../platform/operations/caller.js';
import { RegistryUnavailable } from '../../../platform/registry/registry-client.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import type { ActivityInput, ActivityOutcome } from '../activity-input.js';
import { ActivityRecorder } from '../activity-recorder.js';
import { AvroValues } from './avro-value.js';
import { type RawRecord, rowOfRecord } from './raw-record.js';

/** A record with its place, which never changes. */
export interface PlacedRecord extends RawRecord {
  topic: string;
  partition: number;
  offset: string;
  timestamp: number;
}

const RAW_TOPIC = 'raw_topic';

/** Records what stands on raw topics: again and again the same, where the same comes. */
@Injectable()
export class RawRecorder {
  private readonly avro = new AvroValues();

  constructor(
    @Inject(portsOf('ingest')) private readonly ports: ServicePorts,
    @Inject(ActivityRecorder) private readonly recorder: ActivityRecorder,
  ) {}

  /** An outcome a record, in their order. Throws where the store or the registry is away: then nobody knows, and it may be done again. */
  async record(
    workspace: string,
    records: readonly PlacedRecord[],
    caller = systemCaller(workspace, RAW_TOPIC, ['events:write'], true),
  ): Promise<ActivityOutcome[]> {
    const reading = { avro: this.avro, schema: (id: number) => this.schema(id) };
    const rows = await Promise.all(records.map((record) => rowOfRecord(record, reading)));
    const inputs = rows.flatMap((row, i) => ('problem' in row ? [] : [{ ...row.input, once: placeOf(records[i]!) }]));
    const outcomes = await this.recordAll(workspace, caller, inputs);
    let next = 0;
    return rows.map((row) => ('problem' in row ? { status: 'refused', problem: row.problem } : outcomes[next++]!));
  }

  /** One that no try can record is refused, and leaves the others as they are. */
  private async recordAll(
    workspace: string,
    caller: Caller,
    inputs: readonly ActivityInput[],
  ): Promise<ActivityOutcome[]> {
    try {
      return await this.recorder.record(workspace, caller, inputs);
    } catch (error) {
      if (error instanceof Problem) throw error;
      if (inputs.length === 1) return [{ status: 'refused', problem: failed() }];
      const outcomes: ActivityOutcome[] = [];
      for (const input of inputs) outcomes.push(...(await this.recordAll(workspace, caller, [input])));
      return outcomes;
    }
  }

  private schema(id: number): Promise<string> {
    const { inbound } = this.ports;
    if (inbound === null) throw new RegistryUnavailable('There is no Kafka, and so no registry of its schemas.');
    return inbound.schema(id);
  }
}

/** What nobody foresaw; the recorder has logged it. */
function failed(): Problem {
  return new Problem('internal', 'Heddle failed to record it. The log has the cause: re-drive it when that is gone.');
}

/** Of a topic that is made anew the same offset is another place: the broker took it at another time. */
function placeOf({ topic, partition, offset, timestamp }: PlacedRecord): string {
  return `${topic}/${partition}/${offset}@${timestamp}`;
}
