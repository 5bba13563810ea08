import type { Connection } from '../postgres/connection.js';

/** The uuids, in hex, of the streams that have these claims; undefined at the places of free ones. */
export async function claimOwners(reads: Connection, claims: readonly Buffer[]): Promise<(string | undefined)[]> {
  const { rows } = await reads.query<{ claim: string; stream: string }>({
    name: 'claims',
    text: 'select claim, stream from log.claims where claim = any ($1::uuid[])',
    values: [claims.map((claim) => claim.toString('hex'))],
  });
  const owners = new Map(rows.map((row) => [row.claim.replaceAll('-', ''), row.stream.replaceAll('-', '')]));
  return claims.map((claim) => owners.get(claim.toString('hex')));
}
