import { type Decider, type Refusal, refuse } from '../../../platform/kernel/decider.js';
import type { JobEvent } from './job.events.js';

export interface CreateJob {
  type: 'create';
  /** The operation that is done to each. */
  kind: string;
  /** JSON. */
  body: string;
  conversations: readonly string[];
  /** How many jobs of the workspace are running. */
  running: number;
}

/** The next rows have their outcomes: the code of a problem, or an empty text. */
export interface ProgressJob {
  type: 'progress';
  /** The number of the first of them. */
  first: number;
  outcomes: readonly string[];
}

export interface CancelJob {
  type: 'cancel';
}

export type JobCommand = CreateJob | ProgressJob | CancelJob;

export interface JobState {
  status: 'running' | 'finished' | 'cancelled';
  total: number;
  /** How many rows have their outcome. */
  next: number;
}

/** Jobs of a workspace that may be running at a time. */
export const MOST_RUNNING = 10;
/** Conversations in one event. */
export const ROWS_AN_EVENT = 1000;

/**
 * running ── progressed ──► running ── finished (with the last row) ──► finished
 * running ── cancelled ──► cancelled; what was on its way then still gets its outcome.
 */
export const jobDecider: Decider<JobCommand, JobState, JobEvent> = { decide, evolve };

function decide(command: JobCommand, state: JobState | null): JobEvent[] | Refusal {
  if (command.type === 'create') return created(command);
  if (state === null) return refuse('not_found', 'There is no such job in this workspace.');
  switch (command.type) {
    case 'progress': {
      const { first, outcomes } = command;
      if (first !== state.next) return refuse('job_ended', `The rows from ${first} on have their outcomes already.`);
      const isLast = first + outcomes.length === state.total && state.status === 'running';
      const progressed: JobEvent = { type: 'job.progressed', data: { first, outcomes: [...outcomes] } };
      return isLast ? [progressed, { type: 'job.finished', data: {} }] : [progressed];
    }
    case 'cancel':
      if (state.status !== 'running') return refuse('job_ended', `The job is ${state.status} already.`);
      return [{ type: 'job.cancelled', data: {} }];
    default:
      return command satisfies never;
  }
}

function created({ kind, body, conversations, running }: CreateJob): JobEvent[] | Refusal {
  const total = conversations.length;
  if (running >= MOST_RUNNING && total > 0) {
    return refuse(
      'too_many',
      `A workspace has ${MOST_RUNNING} running jobs at most. Wait until one ends, or cancel one.`,
    );
  }
  const events: JobEvent[] = [{ type: 'job.created', data: { kind, body, total } }];
  for (let first = 0; first < total; first += ROWS_AN_EVENT) {
    const conversation_ids = conversations.slice(first, first + ROWS_AN_EVENT);
    events.push({ type: 'job.rows_added', data: { first, conversation_ids } });
  }
  if (total === 0) events.push({ type: 'job.finished', data: {} });
  return events;
}

function evolve(state: JobState | null, event: JobEvent): JobState {
  if (event.type === 'job.created') return { status: 'running', total: event.data.total, next: 0 };
  if (state === null) throw new Error(`A job's first event is ${event.type}.`);
  switch (event.type) {
    case 'job.rows_added':
      return state;
    case 'job.progressed':
      return { ...state, next: event.data.first + event.data.outcomes.length };
    case 'job.finished':
      return { ...state, status: 'finished' };
    case 'job.cancelled':
      return { ...state, status: 'cancelled' };
    default:
      return event satisfies never;
  }
}
