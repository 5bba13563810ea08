import type { WorkspaceKey } from '../../../platform/keys/workspace-key.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import type { Resealed } from './endpoint.commands.js';
import type { EndpointQueries } from './endpoint.queries.js';
import { certificateOf, requireFree } from './endpoint-checks.js';
import { type OpenSecrets, openSecrets, sealSecrets } from './endpoint-secrets.js';
import { isSameHeaders, patchedHeaders } from './own-headers.js';

/** What a patch tells of the secrets, and of the header that they must leave free. */
export interface SecretsPatch {
  headers?: Readonly<Record<string, string | null>> | null | undefined;
  client_certificate?: { certificate: string; private_key: string } | null | undefined;
  body_signature_header?: string | null | undefined;
}

/** Secrets after a change: what may be known of them, and undefined for what stayed as it was. */
export interface ChangedSecrets {
  headerNames: readonly string[] | undefined;
  clientCertificateSha256: string | null | undefined;
  resealed: Resealed | null;
}

const UNCHANGED: ChangedSecrets = { headerNames: undefined, clientCertificateSha256: undefined, resealed: null };

/** The secrets of endpoints, for the requests that make, change and show them. */
export class EndpointVault {
  constructor(
    private readonly ports: ServicePorts,
    private readonly queries: EndpointQueries,
  ) {}

  async seal(workspace: string, endpoint: string, secrets: OpenSecrets): Promise<Buffer> {
    return sealSecrets(await this.keyOf(workspace), endpoint, secrets);
  }

  /** Throws `not_found`. */
  async open(workspace: string, endpoint: string) {
    const row = await this.queries.sealedOf(workspace, endpoint);
    const secrets = openSecrets(await this.keyOf(workspace), endpoint, row.sealed);
    return { ...row, secrets };
  }

  /** Throws `not_found` and `invalid_value`. */
  async patch(workspace: string, endpoint: string, patch: SecretsPatch): Promise<ChangedSecrets> {
    const { headers: told, client_certificate: given, body_signature_header: signature } = patch;
    if (told === undefined && given === undefined && (signature ?? null) === null) return UNCHANGED;
    const { secrets, sealed, body_signature_header } = await this.open(workspace, endpoint);
    const headers = told === undefined ? secrets.headers : patchedHeaders(secrets.headers, told);
    requireFree(signature === undefined ? body_signature_header : signature, headers);
    const certificate = given === undefined ? undefined : certificateOf(given);
    const clientCertificate = certificate === undefined ? secrets.clientCertificate : (certificate?.pair ?? null);
    const hasOtherHeaders = !isSameHeaders(headers, secrets.headers);
    const hasOtherCertificate = JSON.stringify(clientCertificate) !== JSON.stringify(secrets.clientCertificate);
    if (!hasOtherHeaders && !hasOtherCertificate) return UNCHANGED;
    return {
      headerNames: hasOtherHeaders ? headers.map(([name]) => name) : undefined,
      clientCertificateSha256: hasOtherCertificate ? (certificate?.sha256 ?? null) : undefined,
      resealed: {
        from: sealed,
        sealed: await this.seal(workspace, endpoint, { ...secrets, headers, clientCertificate }),
      },
    };
  }

  private keyOf(workspace: string): Promise<WorkspaceKey> {
    return this.ports.writing.keys.workspaceKey(this.ports.installation, workspace);
  }
}
