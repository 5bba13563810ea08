import type { WorkspaceKey } from '../../../platform/keys/workspace-key.js';
import { type OpenSecrets, openSecrets } from '../endpoints/endpoint-secrets.js';
import type { Route } from '../fan-out/routes.js';
import { secretKey } from '../sending/secret-text.js';
import type { Caller } from './signed-post.js';

type KeyOf = (workspace: string) => Promise<WorkspaceKey>;

/** How each endpoint is reached, with its secrets open, as long as it stays as it is. */
export class Callers {
  private readonly callers = new Map<string, { route: Route; caller: Caller }>();

  constructor(private readonly keyOf: KeyOf) {}

  /** Undefined where none was made of the endpoint as it is now. */
  known(route: Route | undefined): Caller | undefined {
    const known = route && this.callers.get(route.endpoint);
    return known?.route === route ? known?.caller : undefined;
  }

  forget(endpoint: string): void {
    this.callers.delete(endpoint);
  }

  /** Throws where the store is away, or the secrets do not open. */
  async of(route: Route): Promise<Caller> {
    const caller = await openCaller(route, this.keyOf);
    this.callers.set(route.endpoint, { route, caller });
    return caller;
  }
}

/** Throws where the store is away, or the secrets do not open. */
export async function openCaller(route: Route, keyOf: KeyOf): Promise<Caller> {
  const { endpoint, workspace, state } = route;
  const key = await keyOf(workspace);
  const now = openSecrets(key, endpoint, state.sealed);
  const before = state.previous === null ? null : openSecrets(key, endpoint, state.previous.sealed);
  return callerOf(route, now, before);
}

function callerOf({ endpoint, workspace, state }: Route, now: OpenSecrets, before: OpenSecrets | null): Caller {
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
