/** A message that an endpoint did not take, folded. */
export interface MessageState {
  endpoint: string;
  eventId: string;
  eventType: string;
  /** The run that it is sent again by; null where it waits for somebody. */
  redriven: number | null;
}
