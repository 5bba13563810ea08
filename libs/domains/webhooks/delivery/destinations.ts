import type { WorkspaceKey } from '../../../platform/keys/workspace-key.js';
import { type OpenSecrets, openSecrets } from '../endpoints/endpoint-secrets.js';
import type { Route } from '../fan-out/routes.js';
import { secretKey } from '../sending/secret-text.js';
import type { Destination } from './signed-post.js';

type KeyOf = (workspace: string) => Promise<WorkspaceKey>;

/** How each endpoint is reached, with its secrets open, as long as it stays as it is. */
export class Destinations {
  private readonly destinations = new Map<string, { route: Route; destination: Destination }>();

  constructor(private readonly keyOf: KeyOf) {}

  /** Undefined where none was made of the endpoint as it is now. */
  known(route: Route): Destination | undefined {
    const known = this.destinations.get(route.endpoint);
    return known?.route === route ? known.destination : undefined;
  }

  forget(endpoint: string): void {
    this.destinations.delete(endpoint);
  }

  /** Throws where the store is away, or the secrets do not open. */
  async of(route: Route): Promise<Destination> {
    const destination = await openDestination(route, this.keyOf);
    this.destinations.set(route.endpoint, { route, destination });
    return destination;
  }
}

/** Throws where the store is away, or the secrets do not open. */
export async function openDestination(route: Route, keyOf: KeyOf): Promise<Destination> {
  const { endpoint, workspace, state } = route;
  const key = await keyOf(workspace);
  const now = openSecrets(key, endpoint, state.sealed);
  const before = state.previous === null ? null : openSecrets(key, endpoint, state.previous.sealed);
  return destinationOf(route, now, before);
}

function destinationOf(
  { endpoint, workspace, state }: Route,
  now: OpenSecrets,
  before: OpenSecrets | null,
): Destination {
  const { url, concurrency, signatures, bodySignatureHeader: header, previous } = state;
  const keysOf = (all: readonly OpenSecrets[]) => ({
    secret: signatures.includes('v1') ? all.map(({ secret }) => secretKey(secret)!) : [],
    ed25519: signatures.includes('v1a') ? all.map(({ ed25519 }) => ed25519) : [],
  });
  const [alone, both] = [keysOf([now]), keysOf(before === null ? [now] : [now, before])];
  return {
    endpoint,
    workspace,
    target: { endpoint, url, connections: concurrency, clientCertificate: now.clientCertificate },
    keys: (nowMs) => (previous !== null && nowMs < previous.until ? both : alone),
    bodySignature: header === null ? null : { header, secret: now.secret },
    headers: now.headers.flat(),
  };
}
