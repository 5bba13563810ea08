const USER_AGENT = 'Heddle-Webhooks/1';

/** What a request says of itself. What is null it says nothing of. */
export interface SaidOfRequest {
  /** The event's id. */
  id: string;
  /** Seconds since 1970. */
  timestamp: number | null;
  /** As `signatureHeader` makes it. */
  signature: string | null;
  endpoint: string | null;
  attempt: number;
  replay: string | null;
}

/** The headers that are Heddle's own, whoever posts: names and values in turn. */
export function heddleHeaders({ id, timestamp, signature, endpoint, attempt, replay }: SaidOfRequest): string[] {
  const headers = ['content-type', 'application/json', 'user-agent', USER_AGENT, 'webhook-id', id];
  if (timestamp !== null) headers.push('webhook-timestamp', String(timestamp));
  if (signature !== null) headers.push('webhook-signature', signature);
  if (endpoint !== null) headers.push('heddle-endpoint', endpoint);
  headers.push('heddle-attempt', String(attempt));
  if (replay !== null) headers.push('heddle-replay', replay);
  return headers;
}

/** Names and values in turn, two by two. */
export function inPairs(headers: readonly string[]): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index < headers.length; index += 2) pairs.push([headers[index]!, headers[index + 1]!]);
  return pairs;
}
