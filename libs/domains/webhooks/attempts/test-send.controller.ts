import { Inject } from '@nestjs/common';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { TestSend } from './test-send.js';
import { testEndpoint } from './test-send.operations.js';

@OperationController()
export class TestSendController {
  constructor(@Inject(TestSend) private readonly tests: TestSend) {}

  @Handles(testEndpoint)
  async test({ params, body }: InputOf<typeof testEndpoint>, caller: Caller): Promise<Reply> {
    return ok(await this.tests.send(caller.workspace!, params.id, body.type));
  }
}
