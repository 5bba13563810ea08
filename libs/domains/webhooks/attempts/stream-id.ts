import { STREAM_TYPES } from '../../../platform/kernel/id.js';

const PREFIXES = new Map(Object.entries(STREAM_TYPES).map(([prefix, type]) => [type!, prefix]));

/** Any stream's id. */
export const STREAM_ID = new RegExp(
  `^(${Object.keys(STREAM_TYPES).join('|')})_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$`,
);

/** The id of a stream of a type, such as `conversation`; null where there is no such type. */
export function streamId(type: string | null, uuid: string): string | null {
  const prefix = type === null ? undefined : PREFIXES.get(type);
  return prefix === undefined ? null : `${prefix}_${uuid.replaceAll('-', '')}`;
}
