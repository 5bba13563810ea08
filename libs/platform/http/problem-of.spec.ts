import { Problem } from '../kernel/problem.js';
import { problemOf } from './problem-of.js';

const thrown = (fields: object) => problemOf(Object.assign(new Error('secret of Ada'), fields));

it('is what was thrown, where that is a problem', () => {
  const problem = new Problem('not_found', 'There is none.');
  expect(problemOf(problem)).toBe(problem);
});

it.each([
  [{ code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }, 'body_too_large', 413],
  [{ code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }, 'unsupported_media_type', 415],
  [{ code: 'FST_ERR_CTP_INVALID_CONTENT_LENGTH', statusCode: 400 }, 'malformed_request', 400],
  [{ code: 'FST_ERR_BAD_URL', statusCode: 400 }, 'malformed_request', 400],
  [{ code: 'ECONNREFUSED' }, 'unavailable', 503],
  [{ code: '57P01' }, 'unavailable', 503],
  [{ code: '23505' }, 'internal', 500],
  [{}, 'internal', 500],
])('%j is %s', (fields, code, status) => {
  const problem = thrown(fields);
  expect([problem.code, problem.status]).toEqual([code, status]);
  expect(JSON.stringify(problem.toBody())).not.toContain('Ada');
});

it('says when to try again where the store is away', () => {
  expect(thrown({ code: '57P01' }).more.retryAfter).toBe(1);
});
