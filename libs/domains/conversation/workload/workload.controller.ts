import { Inject } from '@nestjs/common';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { listWorkload } from './workload.operations.js';
import { workloadOf } from './workload.query.js';

@OperationController()
export class WorkloadController {
  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {}

  @Handles(listWorkload)
  async list({ query }: InputOf<typeof listWorkload>, caller: Caller): Promise<Reply> {
    return ok(await workloadOf(this.ports.reads, caller.workspace!, query));
  }
}
