import { Inject } from '@nestjs/common';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import type { Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { Tickets } from './tickets.js';
import { makeTicket } from './tickets.operations.js';

@OperationController()
export class TicketsController {
  private readonly tickets: Tickets;

  constructor(@Inject(portsOf('events')) { installation, ticketDesk }: ServicePorts) {
    this.tickets = new Tickets(installation);
    ticketDesk.opensWith((hash) => this.tickets.take(hash));
  }

  @Handles(makeTicket)
  async make(_input: InputOf<typeof makeTicket>, { workspace, actor }: Caller): Promise<Reply> {
    return { status: 201, body: await this.tickets.make({ workspace: workspace!, key: actor.id }) };
  }
}
