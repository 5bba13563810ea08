/** An event as the API shows it, but for its cursor; times are RFC 3339 in UTC. */
export interface ShownEvent {
  id: string;
  type: string;
  stream: string;
  seq: number;
  position: number;
  occurred_at: string;
  recorded_at: string;
  actor: object;
  data: Record<string, unknown>;
}
