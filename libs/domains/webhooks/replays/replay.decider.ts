import { type Decider, type Refusal, refuse } from '../../../platform/kernel/decider.js';
import type { ReplayEvent } from './replay.events.js';

/** Which events are sent, by what became of them at the endpoint before. */
export const SELECTIONS = ['all', 'never_attempted', 'failed'] as const;
export type Selection = (typeof SELECTIONS)[number];

export interface StartReplay {
  type: 'start';
  endpoint: string;
  run: number;
  /** The first position that is looked at. */
  from: number;
  /** The last one. */
  to: number;
  types: readonly string[];
  /** JSON; null for no conditions. */
  filter: string | null;
  only: Selection;
  /** How many replays of the workspace are running. */
  running: number;
}

export interface FinishReplay {
  type: 'finish';
  due: number;
  passedOver: number;
}

export interface CancelReplay {
  type: 'cancel';
}

export type ReplayCommand = StartReplay | FinishReplay | CancelReplay;

export interface ReplayState {
  endpoint: string;
  status: 'running' | 'finished' | 'cancelled';
}

/** Replays of a workspace that may be running at a time. */
export const MOST_RUNNING = 10;

/** running ── finished ──► finished; running ── cancelled ──► cancelled. Whoever finishes what has ended changes nothing. */
export const replayDecider: Decider<ReplayCommand, ReplayState, ReplayEvent> = { decide, evolve };

function decide(command: ReplayCommand, state: ReplayState | null): ReplayEvent[] | Refusal {
  if (command.type === 'start') return started(command);
  if (state === null) return refuse('not_found', 'There is no such replay in this workspace.');
  const { endpoint, status } = state;
  switch (command.type) {
    case 'finish': {
      if (status !== 'running') return [];
      const data = { endpoint_id: endpoint, due: command.due, passed_over: command.passedOver };
      return [{ type: 'webhook_replay.finished', data }];
    }
    case 'cancel':
      if (status !== 'running') return refuse('replay_ended', `The replay is ${status} already.`);
      return [{ type: 'webhook_replay.cancelled', data: { endpoint_id: endpoint } }];
    default:
      return command satisfies never;
  }
}

function started({ endpoint, run, from, to, types, filter, only, running }: StartReplay): ReplayEvent[] | Refusal {
  if (running >= MOST_RUNNING) {
    return refuse(
      'too_many',
      `A workspace has ${MOST_RUNNING} running replays at most. Wait until one ends, or cancel one.`,
    );
  }
  const data = { endpoint_id: endpoint, run, from_position: from, to_position: to, types: [...types], filter, only };
  return [{ type: 'webhook_replay.started', data }];
}

function evolve(state: ReplayState | null, event: ReplayEvent): ReplayState {
  if (event.type === 'webhook_replay.started') return { endpoint: event.data.endpoint_id, status: 'running' };
  if (state === null) throw new Error(`A webhook replay's first event is ${event.type}.`);
  return { ...state, status: event.type === 'webhook_replay.finished' ? 'finished' : 'cancelled' };
}
