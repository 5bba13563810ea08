import type { Aggregate } from '../../platform/commands/command.js';
import {
  type ApiKeyEvent,
  type ApiKeyState,
  apiKeyDecider,
  type CreateApiKey,
  type RevokeApiKey,
} from './api-key.decider.js';
import {
  type UpsertWorkspace,
  type WorkspaceEvent,
  type WorkspaceState,
  workspaceDecider,
} from './workspace.decider.js';

export const workspaceAggregate: Aggregate<UpsertWorkspace, WorkspaceState, WorkspaceEvent> = {
  type: 'workspace',
  prefix: 'wsp',
  decider: workspaceDecider,
  subjectOf: () => null,
};

export const apiKeyAggregate: Aggregate<CreateApiKey | RevokeApiKey, ApiKeyState, ApiKeyEvent> = {
  type: 'api_key',
  prefix: 'key',
  decider: apiKeyDecider,
  subjectOf: () => null,
};
