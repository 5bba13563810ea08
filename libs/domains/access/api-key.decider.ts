import { type Decider, type Refusal, refuse } from '../../platform/kernel/decider.js';
import type { ApiKeyEvent } from './api-key.events.js';

export interface CreateApiKey {
  type: 'create';
  name: string;
  scopes: readonly string[];
  /** SHA-256 of the secret. */
  secretHash: Buffer;
}

export interface RevokeApiKey {
  type: 'revoke';
}

/** (nothing) ── created ──► valid ── revoked ──► revoked, for ever */
export interface ApiKeyState {
  revoked: boolean;
}

export const apiKeyDecider: Decider<CreateApiKey | RevokeApiKey, ApiKeyState, ApiKeyEvent> = { decide, evolve };

function decide(command: CreateApiKey | RevokeApiKey, state: ApiKeyState | null): ApiKeyEvent[] | Refusal {
  switch (command.type) {
    case 'create':
      if (state !== null) return refuse('external_id_taken', 'The key exists already. Make another one.');
      return [
        {
          type: 'api_key.created',
          data: { name: command.name, scopes: [...command.scopes], secret_hash: command.secretHash },
        },
      ];
    case 'revoke':
      if (state === null) return refuse('not_found', 'There is no such key.');
      return state.revoked ? [] : [{ type: 'api_key.revoked', data: {} }];
    default:
      return command satisfies never;
  }
}

function evolve(state: ApiKeyState | null, event: ApiKeyEvent): ApiKeyState {
  if (event.type === 'api_key.created') return { revoked: false };
  if (state === null) throw new Error(`A key's first event is ${event.type}.`);
  switch (event.type) {
    case 'api_key.revoked':
      return { revoked: true };
    default:
      return event satisfies never;
  }
}
