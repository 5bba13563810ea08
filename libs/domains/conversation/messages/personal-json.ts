import { ERASED, REDACTED } from '../../../platform/event-codec/event-codec.js';

/** JSON that was sealed; null for what is not to be read any more. */
export function personalJson(text: string | null): string | null {
  return text === ERASED || text === REDACTED ? null : text;
}
