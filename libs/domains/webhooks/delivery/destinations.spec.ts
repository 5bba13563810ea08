import { newId } from '../../../platform/kernel/id.js';
import { type WorkspaceKey, workspaceKeyFrom } from '../../../platform/keys/workspace-key.js';
import { newSigningKeys, sealSecrets } from '../endpoints/endpoint-secrets.js';
import type { Route } from '../fan-out/routes.js';
import { Destinations } from './destinations.js';

const key = workspaceKeyFrom('0'.repeat(32), Buffer.alloc(32, 7));
const endpoint = newId('whe');
const sealed = sealSecrets(key, endpoint, { ...newSigningKeys(), headers: [], clientCertificate: null });

function routeTo(url: string): Route {
  const state = {
    url,
    concurrency: 10,
    signatures: ['v1'],
    bodySignatureHeader: null,
    previous: null,
    sealed: sealed.toString('base64'),
  };
  return { endpoint, workspace: newId('wsp'), position: 1, state } as unknown as Route;
}

it('knows nobody of an endpoint that was changed while its secrets were opened', async () => {
  const opening = Promise.withResolvers<WorkspaceKey>();
  const destinations = new Destinations(() => opening.promise);
  const [before, after] = [routeTo('https://before.example'), routeTo('https://after.example')];
  const made = destinations.of(before);
  opening.resolve(key);
  await made;
  expect(destinations.known(before)).toBe(await made);
  expect(destinations.known(after)).toBeUndefined();
  expect((await destinations.of(after)).target.url).toBe('https://after.example');
});
