import type { Party } from './event.js';
import { type IdPrefix, toId } from './id.js';

const PREFIXES: ReadonlyMap<string, IdPrefix> = new Map([
  ['user', 'usr'],
  ['ai_agent', 'aia'],
]);

/** A user or an AI agent, by the type and the uuid that a row has. Throws for any other type. */
export function partyOf(type: string, uuid: string): Party {
  const prefix = PREFIXES.get(type);
  if (prefix === undefined) throw new Error(`A row names the party type ${type}, which is neither user nor ai_agent.`);
  return { type, id: toId(prefix, uuid) };
}
