import { DomainModule } from '../../platform/runtime/domain-module.js';
import { aiAgentAggregate } from './ai-agent.aggregate.js';
import { AiAgentController } from './ai-agent.controller.js';
import { aiAgentsProjection } from './projections/ai-agents.projection.js';
import { usersProjection } from './projections/users.projection.js';
import { userAggregate } from './user.aggregate.js';
import { UserController } from './user.controller.js';

@DomainModule({
  service: 'conversation',
  migrations: 'libs/domains/user/migrations',
  projections: [usersProjection, aiAgentsProjection],
  aggregates: [userAggregate, aiAgentAggregate],
  controllers: [UserController, AiAgentController],
})
export class UserModule {}
