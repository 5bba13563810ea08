import { Inject } from '@nestjs/common';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf, SentBody } from '../../../platform/operations/operation.js';
import type { Reply } from '../../../platform/operations/reply.js';
import type { ActivityOutcome } from '../activity-input.js';
import { ActivityRecorder } from '../activity-recorder.js';
import { recordEvents } from './activity.operations.js';
import { rowsOf } from './rows.js';

/** A row for each of which a unit is paid with the request itself. */
const ROWS_A_UNIT = 100;

@OperationController()
export class ActivityController {
  constructor(@Inject(ActivityRecorder) private readonly recorder: ActivityRecorder) {}

  @Handles(recordEvents)
  async record({ body }: InputOf<typeof recordEvents>, caller: Caller): Promise<Reply> {
    const { isOne, rows } = rowsOf(body as unknown as SentBody);
    caller.charge?.(Math.ceil(rows.length / ROWS_A_UNIT) - 1);
    const inputs = rows.flatMap((row) => ('problem' in row ? [] : [row.input]));
    const { outcomes, position, replayed } = await this.recorder.recordOnce(caller.workspace!, caller, inputs);
    const more = { ...(position === undefined ? {} : { position }), ...(replayed ? { replayed } : {}) };
    if (isOne) return { ...answerToOne(rows[0]!, outcomes), ...more };
    let next = 0;
    const all = rows.map((row) =>
      'problem' in row ? ({ status: 'refused', ...row } as const) : placed(outcomes[next++]!, row.at),
    );
    return { ...answerToMany(all), ...more };
  }
}

/** Throws the problem of an activity that is refused. */
function answerToOne(row: ReturnType<typeof rowsOf>['rows'][number], [outcome]: readonly ActivityOutcome[]): Reply {
  if ('problem' in row) throw row.problem;
  const placedOutcome = placed(outcome!, row.at);
  if (placedOutcome.status === 'refused') throw placedOutcome.problem;
  return { status: outcome!.status === 'recorded' ? 201 : 200, body: shown(outcome!) };
}

/** What the data of an activity is refused for names places in the activity: now those in the request. */
function placed(outcome: ActivityOutcome, at: string): ActivityOutcome {
  if (outcome.status !== 'refused' || outcome.problem.more.errors === undefined) return outcome;
  const { code, detail, more } = outcome.problem;
  const errors = more.errors!.map(({ pointer, message }) => ({ pointer: at + pointer, message }));
  return { status: 'refused', problem: new Problem(code, detail, { ...more, errors }) };
}

function answerToMany(outcomes: readonly ActivityOutcome[]): Reply {
  const counts = { recorded: 0, duplicate: 0, refused: 0 };
  for (const { status } of outcomes) counts[status]++;
  const { recorded, duplicate: duplicates, refused } = counts;
  return { status: refused === 0 ? 200 : 207, body: { recorded, duplicates, refused, data: outcomes.map(shown) } };
}

function shown(outcome: ActivityOutcome): object {
  if (outcome.status === 'refused') return { status: 'refused', problem: outcome.problem.toBody() };
  const { status, event, stream, seq, subject, timing } = outcome;
  return status === 'duplicate' ? { status, event } : { status, event, stream, seq, subject, timing };
}
