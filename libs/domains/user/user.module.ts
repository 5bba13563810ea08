import { DomainModule } from '../../platform/runtime/domain-module.js';
import { aiAgentAggregate } from './ai-agent.aggregate.js';
import { AiAgentController } from './ai-agent.controller.js';
import { aiAgentsProjection } from './projections/ai-agents.projection.js';
import { skillsProjection } from './projections/skills.projection.js';
import { teamMembersProjection } from './projections/team-members.projection.js';
import { teamsProjection } from './projections/teams.projection.js';
import { usersProjection } from './projections/users.projection.js';
import { teamAggregate } from './team.aggregate.js';
import { TeamController } from './team.controller.js';
import { userAggregate } from './user.aggregate.js';
import { UserController } from './user.controller.js';

@DomainModule({
  service: 'conversation',
  migrations: 'libs/domains/user/migrations',
  projections: [usersProjection, aiAgentsProjection, skillsProjection, teamsProjection, teamMembersProjection],
  aggregates: [userAggregate, aiAgentAggregate, teamAggregate],
  controllers: [UserController, AiAgentController, TeamController],
})
export class UserModule {}
