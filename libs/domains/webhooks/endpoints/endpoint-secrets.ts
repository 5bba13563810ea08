import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { seal, unseal } from '../../../platform/keys/aes-gcm.js';
import type { WorkspaceKey } from '../../../platform/keys/workspace-key.js';

/** What signs an endpoint's messages, and what goes with them that nobody else is to know. */
export interface OpenSecrets {
  /** `whsec_` and base64, as Standard Webhooks has it. */
  secret: string;
  /** Private. */
  ed25519: KeyObject;
  headers: readonly (readonly [name: string, value: string])[];
  clientCertificate: ClientCertificate | null;
}

/** PEM, both. */
export interface ClientCertificate {
  cert: string;
  key: string;
}

/** As they are sealed. */
interface EndpointSecrets {
  secret: string;
  /** PKCS #8 in base64. */
  ed25519: string;
  headers: readonly (readonly [string, string])[];
  client_certificate: ClientCertificate | null;
}

const SECRET_PREFIX = 'whsec_';
const PUBLIC_KEY_PREFIX = 'whpk_';
const SECRET_BYTES = 32;

/** The keys of an endpoint that is made or whose secret is rotated; `given`: a secret that its maker brought. */
export function newSigningKeys(given?: string): Pick<OpenSecrets, 'secret' | 'ed25519'> {
  const secret = given ?? SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64');
  return { secret, ed25519: generateKeyPairSync('ed25519').privateKey };
}

/** What `v1a` is verified with: `whpk_` and the 32 bytes of the public key in base64. */
export function publicKeyOf(ed25519: KeyObject): string {
  const { x } = createPublicKey(ed25519).export({ format: 'jwk' });
  return PUBLIC_KEY_PREFIX + Buffer.from(x!, 'base64url').toString('base64');
}

/** Only with the workspace's key, and only for this endpoint, do they open again. */
export function sealSecrets(key: WorkspaceKey, endpoint: string, open: OpenSecrets): Buffer {
  const secrets: EndpointSecrets = {
    secret: open.secret,
    ed25519: open.ed25519.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    headers: open.headers,
    client_certificate: open.clientCertificate,
  };
  return seal(key.webhookSecrets, JSON.stringify(secrets), boundTo(key, endpoint));
}

/** `sealed` as an endpoint's state has it, in base64. */
export function openSecrets(key: WorkspaceKey, endpoint: string, sealed: string): OpenSecrets {
  const plain = unseal(key.webhookSecrets, Buffer.from(sealed, 'base64'), boundTo(key, endpoint));
  if (plain === null) throw new Error(`The secrets of ${endpoint} do not open with its workspace's key.`);
  const { secret, ed25519, headers, client_certificate } = JSON.parse(plain.toString('utf8')) as EndpointSecrets;
  return {
    secret,
    ed25519: createPrivateKey({ key: Buffer.from(ed25519, 'base64'), format: 'der', type: 'pkcs8' }),
    headers,
    clientCertificate: client_certificate,
  };
}

function boundTo({ workspace }: WorkspaceKey, endpoint: string): Buffer {
  return Buffer.from(`secrets of ${endpoint} in ${workspace}`);
}
