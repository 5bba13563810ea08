import { DomainModule } from '../../platform/runtime/domain-module.js';
import { apiKeyAggregate, workspaceAggregate } from './access.aggregates.js';
import { AccessController } from './access.controller.js';
import { DataKeysController } from './data-keys.controller.js';
import { apiKeysProjection } from './projections/api-keys.projection.js';
import { workspacesProjection } from './projections/workspaces.projection.js';

@DomainModule({
  service: 'access',
  migrations: 'libs/domains/access/migrations',
  projections: [workspacesProjection, apiKeysProjection],
  aggregates: [workspaceAggregate, apiKeyAggregate],
  controllers: [AccessController, DataKeysController],
})
export class AccessModule {}
