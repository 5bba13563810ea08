import { Problem } from '../kernel/problem.js';
import { isUnavailable, unavailable } from '../postgres/connection.js';
import { BODY_LIMIT, bodyTooLarge } from './body-parsers.js';

/** The problem behind anything that was thrown; `internal` for what nobody foresaw. `bodyLimit` is the route's, bytes. */
export function problemOf(error: unknown, bodyLimit = BODY_LIMIT): Problem {
  if (error instanceof Problem) return error;
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return bodyTooLarge(bodyLimit);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      if (statusCode === 415) return new Problem('unsupported_media_type', 'Send the body as application/json.');
      break;
    default:
  }
  if (isUnavailable(error)) return unavailable();
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new Problem('malformed_request', 'The request is not well-formed HTTP with a JSON body.');
  }
  return new Problem('internal', 'Heddle failed. The log has the cause under the request id of this answer.');
}
