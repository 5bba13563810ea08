import type { EventMeta } from '../../../platform/kernel/event.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import { arraysOf, type Columns, count, text, time, unnest, uuid } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { ProjectedEvent, Projection, TableName } from '../../../platform/projections/projection.js';
import type { JobEvent } from './job.events.js';

interface Changes {
  done: number;
  failed: number;
  status: string | null;
  endedAt: number | null;
}

/** Jobs and their rows as they are now, kept in the append's own transaction. */
export const jobsProjection: Projection = {
  name: 'jobs',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['jobs', 'job_rows'],
  definition: ['libs/domains/conversation/migrations/0025_jobs.sql'],
  types: ['job.created', 'job.rows_added', 'job.progressed', 'job.finished', 'job.cancelled'],
  project(events, table) {
    const jobs = events.filter(({ type }) => type !== 'job.rows_added');
    return [...projectJobs(jobs, table), ...projectRows(events as readonly (JobEvent & ProjectedEvent)[], table)];
  },
};

const projectJobs = currentRows<JobEvent, 'job.created', Changes>({
  table: 'jobs',
  key: 'id',
  created: {
    type: 'job.created',
    columns: {
      kind: text(({ data }) => data.kind),
      body: text(({ data }) => data.body),
      actor_type: text(({ meta }) => meta.actor.type),
      actor: text(({ meta }) => meta.actor.id),
      total: count(({ data }) => data.total),
    },
    set: { status: "'running'", done: '0', failed: '0', created_at: 'e.at', updated_at: 'e.at' },
  },
  changed: {
    nothing: { done: 0, failed: 0, status: null, endedAt: null },
    fold(changes, event) {
      switch (event.type) {
        case 'job.progressed': {
          const done = event.data.outcomes.filter((code) => code === '').length;
          changes.done += done;
          changes.failed += event.data.outcomes.length - done;
          return;
        }
        case 'job.finished':
        case 'job.cancelled':
          changes.status = event.type === 'job.finished' ? 'finished' : 'cancelled';
          changes.endedAt = (event as { meta: EventMeta }).meta.occurred_at;
          return;
        case 'job.rows_added':
          return;
        default:
          event satisfies never;
      }
    },
    columns: {
      done: count(({ done }) => done),
      failed: count(({ failed }) => failed),
      status: text(({ status }) => status),
      ended_at: time(({ endedAt }) => endedAt),
    },
    set: {
      done: 'r.done + e.done',
      failed: 'r.failed + e.failed',
      status: 'coalesce(e.status, r.status)',
      ended_at: 'coalesce(e.ended_at, r.ended_at)',
      updated_at: 'e.at',
    },
  },
});

interface Row {
  job: string;
  n: number;
  workspace: string;
  conversation: string;
}

interface Outcome {
  job: string;
  n: number;
  outcome: string;
}

const ROWS: Columns<Row> = {
  job: uuid(({ job }) => job),
  n: count(({ n }) => n),
  workspace: uuid(({ workspace }) => workspace),
  conversation: uuid(({ conversation }) => conversation),
};

const OUTCOMES: Columns<Outcome> = {
  job: uuid(({ job }) => job),
  n: count(({ n }) => n),
  outcome: text(({ outcome }) => outcome),
};

function projectRows(events: readonly (JobEvent & ProjectedEvent)[], table: TableName): SqlStatement[] {
  const rows: Row[] = [];
  const outcomes: Outcome[] = [];
  for (const { type, meta, data } of events) {
    const { stream: job, workspace } = meta;
    if (type === 'job.rows_added') {
      data.conversation_ids.forEach((conversation, i) => {
        rows.push({ job, n: data.first + i, workspace, conversation });
      });
    } else if (type === 'job.progressed') {
      data.outcomes.forEach((outcome, i) => {
        outcomes.push({ job, n: data.first + i, outcome });
      });
    }
  }
  const target = table('job_rows');
  return [
    ...(rows.length > 0
      ? [
          {
            name: `insert ${target}`,
            text: `insert into ${target} (${Object.keys(ROWS).join(', ')}) select * from ${unnest(ROWS)}`,
            values: arraysOf(ROWS, rows),
          },
        ]
      : []),
    ...(outcomes.length > 0
      ? [
          {
            name: `update ${target}`,
            text: `update ${target} r set outcome = e.outcome from ${unnest(OUTCOMES)} where r.job = e.job and r.n = e.n`,
            values: arraysOf(OUTCOMES, outcomes),
          },
        ]
      : []),
  ];
}
