/** What makes Kafka and the store tell the same history again. */
export type Remedy = 'reconcile' | 'resend' | 'new topics';

const ADVICE: Record<Remedy, string> = {
  reconcile: 'Nothing is sent until `heddle log reconcile` has made them equal.',
  resend: 'Nothing is sent until `heddle log resend` was called, which sends again what is lost.',
  'new topics':
    'Nothing is sent to these topics any more: set another HEDDLE_KAFKA_PREFIX, and send all of it to new ones by `heddle log resend`.',
};

/** Kafka and the store tell different histories: nothing may be sent before somebody has looked. */
export class DivergedError extends Error {
  override name = 'DivergedError';

  constructor(
    /** Without a full stop. */
    readonly what: string,
    readonly remedy: Remedy,
  ) {
    super(`Kafka and the store tell different histories: ${what}. ${ADVICE[remedy]}`);
  }
}
