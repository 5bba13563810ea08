/**
 * Why no answer came that counts; stable words, which delivery logs show.
 * `reset`: the connection was closed before the whole answer had come, and the receiver may have taken what was sent.
 */
export const ANSWER_ERRORS = [
  'address_refused',
  'dns_failed',
  'connect_failed',
  'tls_failed',
  'timeout',
  'reset',
  'answer_invalid',
  'redirect',
  'request_invalid',
  'closed',
] as const;
export type AnswerError = (typeof ANSWER_ERRORS)[number];

/** What went wrong on the way to a receiver. `detail` names the cause and no address: a workspace may read it. */
export class DeliveryFailure extends Error {
  override name = 'DeliveryFailure';

  constructor(
    readonly error: AnswerError,
    readonly detail: string,
  ) {
    super(`${error}: ${detail}`);
  }
}
