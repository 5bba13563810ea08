import type { Aggregate } from '../../platform/commands/command.js';
import { type ApiKeyState, apiKeyDecider, type CreateApiKey, type RevokeApiKey } from './api-key.decider.js';
import type { ApiKeyEvent } from './api-key.events.js';
import { type UpsertWorkspace, type WorkspaceState, workspaceDecider } from './workspace.decider.js';
import type { WorkspaceEvent } from './workspace.events.js';

export const workspaceAggregate: Aggregate<UpsertWorkspace, WorkspaceState, WorkspaceEvent> = {
  type: 'workspace',
  prefix: 'wsp',
  decider: workspaceDecider,
  subjectOf: () => null,
  claimsOf: (event) =>
    event.type === 'workspace.created' && event.data.external_id !== null
      ? [{ kind: 'workspace', value: event.data.external_id }]
      : [],
};

export const apiKeyAggregate: Aggregate<CreateApiKey | RevokeApiKey, ApiKeyState, ApiKeyEvent> = {
  type: 'api_key',
  prefix: 'key',
  decider: apiKeyDecider,
  subjectOf: () => null,
};
