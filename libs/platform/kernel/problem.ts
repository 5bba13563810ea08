/**
 * The registry of everything that can go wrong, by its stable code (RFC 9457 `type` is made from it).
 * `docs/problems.md` lists the same codes; a test holds the two together.
 */
export const PROBLEMS = {
  malformed_request: { status: 400, title: 'The request cannot be read' },
  invalid_request: { status: 400, title: 'The request does not fit its schema' },
  invalid_cursor: { status: 400, title: 'The cursor is not one of this list' },
  unauthenticated: { status: 401, title: 'No valid key was sent' },
  forbidden: { status: 403, title: 'The key may not do this' },
  not_found: { status: 404, title: 'There is no such thing' },
  method_not_allowed: { status: 405, title: 'The path does not take this method' },
  request_timeout: { status: 408, title: 'The request did not come in time' },
  request_in_flight: { status: 409, title: 'A request with this idempotency key is still being worked on' },
  cursor_diverged: { status: 409, title: 'The cursor is from a part of the log that a restore undid' },
  changed_meanwhile: { status: 409, title: 'The thing was changed at the same moment' },
  lane_not_parked: { status: 409, title: 'The lane waits for nobody' },
  external_id_taken: { status: 409, title: 'The external id or name is taken' },
  version_mismatch: { status: 412, title: 'The thing has changed since the version in If-Match' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body has a media type that is not taken here' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key was used for another request' },
  unknown_reference: { status: 404, title: 'The request names something that does not exist' },
  ambiguous_past: { status: 422, title: 'The request asks for more than one past' },
  reversed_range: { status: 422, title: 'The range ends before it begins' },
  filter_too_complex: { status: 422, title: 'The filter has too many conditions' },
  filter_names_person: { status: 422, title: 'The filter may name a person, and would be kept for ever' },
  too_many_conversations: { status: 422, title: 'The filter means more conversations than a job takes' },
  job_ended: { status: 422, title: 'The job has ended' },
  replay_ended: { status: 422, title: 'The replay has ended' },
  archived: { status: 422, title: 'The thing is archived' },
  status_detail_mismatch: { status: 422, title: 'The detail is one of another status' },
  conversation_closed: { status: 422, title: 'The conversation is closed' },
  conversation_not_closed: { status: 422, title: 'The conversation is not closed' },
  conversation_not_snoozed: { status: 422, title: 'The conversation is not, and does not get, snoozed' },
  already_snoozed: { status: 422, title: 'The conversation is snoozed so already' },
  conversation_locked: { status: 422, title: 'The conversation is locked' },
  conversation_not_locked: { status: 422, title: 'The conversation is not locked' },
  already_assigned: { status: 422, title: 'The conversation has this assignee already' },
  already_member: { status: 422, title: 'The team, company or tenant has this member already' },
  not_a_member: { status: 422, title: 'The team, company or tenant does not have this member' },
  team_full: { status: 422, title: 'The team has as many members as a team can have' },
  already_labeled: { status: 422, title: 'The conversation has this label already' },
  already_linked: { status: 422, title: 'The conversations are linked already, or one of them as it can be once only' },
  not_linked: { status: 422, title: 'The conversations are not linked so' },
  linked_to_itself: { status: 422, title: 'A conversation cannot be linked to itself' },
  too_many_messages: { status: 422, title: 'There are more messages than can be copied at once' },
  customer_mismatch: { status: 422, title: 'The conversations are with different customers' },
  conversation_merged: { status: 422, title: 'The conversation was merged into another one' },
  not_labeled: { status: 422, title: 'The conversation does not have this label' },
  unknown_field: { status: 422, title: 'There is no such custom field' },
  field_value_invalid: { status: 422, title: 'The value does not fit its custom field' },
  field_not_asked: { status: 422, title: 'The custom field is not asked for here' },
  field_required: { status: 422, title: 'A required custom field has no value' },
  too_many_fields: { status: 422, title: 'There are as many custom fields, or values of them, as there can be' },
  field_declaration_invalid: { status: 422, title: 'The declaration of the custom field contradicts itself' },
  content_mismatch: { status: 422, title: 'The content does not fit the type of the message' },
  message_redacted: { status: 422, title: 'The message is redacted' },
  already_reacted: { status: 422, title: 'The reaction is there already' },
  not_reacted: { status: 422, title: 'There is no such reaction' },
  choice_not_offered: { status: 422, title: 'The message does not offer this choice' },
  draft_settled: { status: 422, title: 'The draft was accepted or refused already' },
  too_many: { status: 422, title: 'There are as many of these as there can be' },
  identity_taken: { status: 409, title: 'The identity is another customer’s' },
  already_identified: { status: 422, title: 'The customer has this identity already' },
  identity_unchanged: { status: 422, title: 'The identity is so already' },
  unknown_customer: { status: 422, title: 'Nobody is known by this identity' },
  customer_merged: { status: 422, title: 'The customer was merged into another one' },
  customer_not_merged: { status: 422, title: 'The customer is merged into no other' },
  merge_into_itself: { status: 422, title: 'The two are one already' },
  merge_final: { status: 422, title: 'The merge cannot be undone any more' },
  invalid_value: { status: 422, title: 'A value is not what its field holds' },
  undecodable: { status: 422, title: 'The record cannot be decoded' },
  event_schema_invalid: { status: 422, title: 'The schema is none that events can be checked by' },
  event_schema_breaks: { status: 422, title: 'By the new schema, data that was right would be wrong' },
  event_data_invalid: { status: 422, title: 'The data does not fit the schema of its event type' },
  person_erased: { status: 422, title: 'The person was erased' },
  rate_limited: { status: 429, title: 'The key has used up its quota' },
  upgrade_required: { status: 426, title: 'The path takes a WebSocket' },
  headers_too_large: { status: 431, title: 'The path and the headers are too large' },
  internal: { status: 500, title: 'Heddle failed' },
  unavailable: { status: 503, title: 'The store cannot be reached' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Refusals that are not kept for retries: the request goes on elsewhere, or is made from a new reading, with the same key. */
export const NOT_KEPT: ReadonlySet<ProblemCode> = new Set(['conversation_merged', 'changed_meanwhile']);

/** One place in a request that is wrong, as a JSON Pointer (RFC 6901) into `body`, `query`, `path` or `header`. */
export interface FieldError {
  pointer: string;
  message: string;
}

/** An answer that is not the one hoped for. `detail` names the thing, the place and the next step, and no person. */
export class Problem extends Error {
  readonly status: number;

  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly more: { errors?: FieldError[]; retryAfter?: number } = {},
  ) {
    super(`${code}: ${detail}`);
    this.status = PROBLEMS[code].status;
  }

  /** The `application/problem+json` body (RFC 9457). */
  toBody(instance?: string): Record<string, unknown> {
    return {
      type: `/docs/problems#${this.code}`,
      title: PROBLEMS[this.code].title,
      status: this.status,
      code: this.code,
      detail: this.detail,
      ...(instance === undefined ? {} : { instance }),
      ...(this.more.errors === undefined ? {} : { errors: this.more.errors }),
    };
  }
}
