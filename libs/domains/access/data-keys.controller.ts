import { Inject } from '@nestjs/common';
import { idToBytes } from '../../platform/kernel/id.js';
import { type DisclosedKey, discloseKeys } from '../../platform/keys/key-disclosure.js';
import type { Caller } from '../../platform/operations/caller.js';
import { Handles, OperationController } from '../../platform/operations/handles.js';
import type { InputOf } from '../../platform/operations/operation.js';
import type { Reply } from '../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { lookUpDataKeys, SEALING } from './data-keys.operations.js';

@OperationController()
export class DataKeysController {
  constructor(@Inject(portsOf('access')) private readonly ports: ServicePorts) {}

  @Handles(lookUpDataKeys)
  async lookUp({ body }: InputOf<typeof lookUpDataKeys>, caller: Caller): Promise<Reply> {
    const workspace = idToBytes(caller.workspace!).toString('hex');
    const keys = await discloseKeys(this.ports.installation, workspace, body.ids);
    const count = (state: DisclosedKey['state']) => keys.filter((key) => key.state === state).length;
    return {
      status: 200,
      body: { sealing: SEALING, data: keys.map(shown) },
      logged: { available: count('available'), destroyed: count('destroyed'), unknown: count('unknown') },
    };
  }
}

function shown(disclosed: DisclosedKey): object {
  const { id, state } = disclosed;
  return {
    id,
    state,
    subject: state === 'unknown' ? null : disclosed.subject,
    key: state === 'available' ? disclosed.key.toString('base64') : null,
    withheld: state === 'available' ? disclosed.withheld : [],
  };
}
