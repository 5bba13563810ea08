import { Inject } from '@nestjs/common';
import { fromReading } from '../../../platform/commands/from-reading.js';
import { Pins } from '../../../platform/event-schemas/pins.js';
import { newId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { declaredFor } from '../filter/declared-fields.js';
import { requireKeepable } from '../filter/kept-filter.js';
import { AddressGuard } from '../sending/address-guard.js';
import { endpointAggregate } from './endpoint.aggregate.js';
import type { EndpointCommand } from './endpoint.commands.js';
import {
  createEndpoint,
  deleteEndpoint,
  disableEndpoint,
  enableEndpoint,
  getEndpoint,
  getSecret,
  listEndpoints,
  rotateSecret,
  updateEndpoint,
} from './endpoint.operations.js';
import { EndpointQueries } from './endpoint.queries.js';
import { DEFAULT_SCHEDULE } from './endpoint.state.js';
import { certificateOf, requireFree, requireTypes } from './endpoint-checks.js';
import { newSigningKeys, type OpenSecrets, publicKeyOf } from './endpoint-secrets.js';
import { wrongUrl } from './endpoint-url.js';
import { EndpointVault } from './endpoint-vault.js';
import { invalid } from './invalid.js';
import { patchedHeaders } from './own-headers.js';

type CreateBody = InputOf<typeof createEndpoint>['body'];
type UpdateBody = InputOf<typeof updateEndpoint>['body'];

@OperationController()
export class EndpointController {
  private readonly queries: EndpointQueries;
  private readonly vault: EndpointVault;

  constructor(
    @Inject(portsOf('webhooks')) private readonly ports: ServicePorts,
    @Inject(AddressGuard) private readonly guard: AddressGuard,
  ) {
    this.queries = new EndpointQueries(ports.reads);
    this.vault = new EndpointVault(ports, this.queries);
  }

  @Handles(createEndpoint)
  async create({ body }: InputOf<typeof createEndpoint>, caller: Caller): Promise<Reply> {
    await this.requireRight(body, caller.workspace!);
    const id = newId('whe');
    const certificate = certificateOf(body.client_certificate ?? null);
    const headers = patchedHeaders([], body.headers ?? {});
    requireFree(body.body_signature_header ?? null, headers);
    const keys = newSigningKeys(body.secret);
    const secrets: OpenSecrets = { ...keys, headers, clientCertificate: certificate?.pair ?? null };
    const { url, types, description = null, filter = null, pin = '', concurrency = 10, rate_limit = null } = body;
    return this.ports.shell.execute({
      aggregate: endpointAggregate,
      caller,
      workspace: caller.workspace!,
      stream: id,
      command: {
        type: 'create',
        settings: {
          url,
          description,
          types: [...new Set(types)],
          filter,
          pin,
          concurrency,
          rateLimit: rate_limit,
          retrySchedule: body.retry_schedule ?? DEFAULT_SCHEDULE,
          signatures: [...new Set(body.signatures ?? ['v1' as const])],
          bodySignatureHeader: body.body_signature_header ?? null,
          headerNames: headers.map(([name]) => name),
          clientCertificateSha256: certificate?.sha256 ?? null,
        },
        ordered: body.ordered ?? false,
        sealed: await this.vault.seal(caller.workspace!, id, secrets),
        others: await this.queries.count(caller.workspace!),
      },
      respond: ({ stream }) => ({
        status: 201,
        body: { id: stream, secret: keys.secret, public_key: publicKeyOf(keys.ed25519) },
      }),
      secretResponse: true,
    });
  }

  @Handles(updateEndpoint)
  async update({ params, body }: InputOf<typeof updateEndpoint>, caller: Caller): Promise<Reply> {
    await this.requireRight(body, caller.workspace!);
    const { url, description, filter, pin, concurrency } = body;
    return fromReading(async () => {
      const secrets = await this.vault.patch(caller.workspace!, params.id, body);
      return this.change(caller, params.id, {
        type: 'update',
        settings: {
          url,
          description,
          types: body.types === undefined ? undefined : [...new Set(body.types)],
          filter,
          pin,
          concurrency,
          rateLimit: body.rate_limit,
          retrySchedule: body.retry_schedule,
          signatures: body.signatures === undefined ? undefined : [...new Set(body.signatures)],
          bodySignatureHeader: body.body_signature_header,
          headerNames: secrets.headerNames,
          clientCertificateSha256: secrets.clientCertificateSha256,
        },
        resealed: secrets.resealed,
      });
    });
  }

  @Handles(disableEndpoint)
  disable({ params }: InputOf<typeof disableEndpoint>, caller: Caller): Promise<Reply> {
    return this.change(caller, params.id, { type: 'disable', reason: 'request' });
  }

  @Handles(enableEndpoint)
  enable({ params }: InputOf<typeof enableEndpoint>, caller: Caller): Promise<Reply> {
    return this.change(caller, params.id, { type: 'enable' });
  }

  @Handles(deleteEndpoint)
  delete({ params }: InputOf<typeof deleteEndpoint>, caller: Caller): Promise<Reply> {
    return this.change(caller, params.id, { type: 'delete' });
  }

  @Handles(rotateSecret)
  rotateSecret({ params: { id }, body }: InputOf<typeof rotateSecret>, caller: Caller): Promise<Reply> {
    const keys = newSigningKeys(body.secret);
    return fromReading(async () => {
      const { secrets, sealed } = await this.vault.open(caller.workspace!, id);
      const previousUntil = body.overlap_seconds === 0 ? null : Date.now() + body.overlap_seconds * 1000;
      const until = previousUntil === null ? null : new Date(previousUntil).toISOString();
      const resealed = await this.vault.seal(caller.workspace!, id, { ...secrets, ...keys });
      return this.ports.shell.execute({
        aggregate: endpointAggregate,
        caller,
        workspace: caller.workspace!,
        stream: id,
        command: { type: 'rotate', resealed: { from: sealed, sealed: resealed }, previousUntil },
        respond: ({ stream }) => ({ status: 200, body: shownSecret(stream, keys, until) }),
        secretResponse: true,
      });
    });
  }

  @Handles(getSecret)
  async secret({ params }: InputOf<typeof getSecret>, caller: Caller): Promise<Reply> {
    const { secrets, previous_until, version } = await this.vault.open(caller.workspace!, params.id);
    return ok(shownSecret(params.id, secrets, previous_until), version);
  }

  @Handles(getEndpoint)
  async get({ params }: InputOf<typeof getEndpoint>, caller: Caller): Promise<Reply> {
    const { body, version } = await this.queries.one(caller.workspace!, params.id);
    return ok(body, version);
  }

  @Handles(listEndpoints)
  async list({ query }: InputOf<typeof listEndpoints>, caller: Caller): Promise<Reply> {
    return ok(await this.queries.list(caller.workspace!, query.enabled, query));
  }

  private change(caller: Caller, id: string, command: EndpointCommand): Promise<Reply> {
    return this.ports.shell.execute({
      aggregate: endpointAggregate,
      caller,
      workspace: caller.workspace!,
      stream: id,
      command,
      respond: ({ stream }) => ({ status: 200, body: { id: stream } }),
    });
  }

  /** Throws `invalid_value`. */
  private async requireRight(
    { url, types, pin, filter }: Pick<UpdateBody | CreateBody, 'url' | 'types' | 'pin' | 'filter'>,
    workspace: string,
  ): Promise<void> {
    if (types !== undefined) requireTypes(types);
    if (pin !== undefined) Pins.parse(pin, '/body/pin');
    if (filter != null) requireKeepable(filter, await declaredFor(filter, workspace, this.ports.reads));
    if (url === undefined) return;
    const wrong = wrongUrl(url, this.ports.webhooks.http);
    if (wrong !== null) throw invalid('/body/url', wrong);
    const refusal = await this.guard.checkTarget(url);
    if (refusal === null) return;
    throw new Problem('invalid_value', refusal, { errors: [{ pointer: '/body/url', message: refusal }] });
  }
}

function shownSecret(id: string, keys: Pick<OpenSecrets, 'secret' | 'ed25519'>, previousUntil: string | null): object {
  return {
    id,
    secret: keys.secret,
    public_key: publicKeyOf(keys.ed25519),
    previous_secret_until: previousUntil,
  };
}
