import { Problem } from '../kernel/problem.js';

interface Bucket {
  tokens: number;
  filledAt: number;
}

const MOST_BUCKETS = 100_000;

/**
 * A token bucket for each key, in this process: `quota` cost units a second, as many at once. Its headers are those
 * of draft-ietf-httpapi-ratelimit-headers-11.
 */
export class RateLimit {
  readonly policy: string;
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly quota: number) {
    this.policy = `"default";q=${quota};w=1`;
  }

  /** Takes the cost and returns the RateLimit header; throws `rate_limited`. */
  take(key: string, cost: number): string {
    const now = performance.now();
    let bucket = this.buckets.get(key);
    if (bucket === undefined) {
      if (this.buckets.size >= MOST_BUCKETS) this.buckets.delete(this.buckets.keys().next().value!);
      bucket = { tokens: this.quota, filledAt: now };
      this.buckets.set(key, bucket);
    } else {
      bucket.tokens = Math.min(this.quota, bucket.tokens + ((now - bucket.filledAt) * this.quota) / 1000);
      bucket.filledAt = now;
    }
    if (bucket.tokens < cost) {
      const retryAfter = Math.max(1, Math.ceil((cost - bucket.tokens) / this.quota));
      throw new Problem('rate_limited', `This key may use ${this.quota} requests a second. Slow down.`, { retryAfter });
    }
    bucket.tokens -= cost;
    return `"default";r=${Math.floor(bucket.tokens)};t=1`;
  }
}
