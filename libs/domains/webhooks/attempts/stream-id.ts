import { STREAM_TYPES } from '../../../platform/kernel/id.js';

const PREFIXES = new Map(Object.entries(STREAM_TYPES).map(([prefix, type]) => [type!, prefix]));

/** The id of a stream of a type, such as `conversation`; null where there is no such type. */
export function streamId(type: string | null, uuid: string): string | null {
  const prefix = type === null ? undefined : PREFIXES.get(type);
  return prefix === undefined ? null : `${prefix}_${uuid.replaceAll('-', '')}`;
}
