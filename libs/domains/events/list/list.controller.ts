import { Inject } from '@nestjs/common';
import { Pins } from '../../../platform/event-schemas/pins.js';
import { parseTime } from '../../../platform/feed/start.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { parseFilter, requireOnLog } from '../stream/event-filter.js';
import { EventList } from './event-list.js';
import { listEvents } from './list.operations.js';

@OperationController()
export class ListController {
  private readonly list: EventList;

  constructor(@Inject(portsOf('events')) ports: ServicePorts) {
    this.list = new EventList(ports);
  }

  @Handles(listEvents)
  async events({ query }: InputOf<typeof listEvents>, caller: Caller): Promise<Reply> {
    const { since: from, until: to, cursor, order, limit, pin, ...wanted } = query;
    const pins = Pins.parse(pin);
    const now = Date.now();
    const since = from === undefined ? undefined : parseTime(from, now, '/query/since');
    const until = to === undefined ? undefined : parseTime(to, now, '/query/until');
    if (since !== undefined && until !== undefined && since > until) {
      throw new Problem(
        'reversed_range',
        '/query/until is before /query/since. Send a range that ends after it begins.',
      );
    }
    requireOnLog(wanted);
    const filter = parseFilter(wanted);
    const asked = { filter, since, until, cursor, order, limit, pins };
    return ok(await this.list.page(caller.workspace!, asked, caller.charge));
  }
}
