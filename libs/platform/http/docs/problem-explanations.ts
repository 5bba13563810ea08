import type { ProblemCode } from '../../kernel/problem.js';

/** What each code means for a caller and what to do next. Its type keeps it as long as the registry. */
export const EXPLANATIONS: Record<ProblemCode, string> = {
  malformed_request:
    'The request could not be read at all: broken JSON, text that is not UTF-8, or a header that has no meaning here. Nothing was done. Correct the request; a retry of the same one fails again.',
  invalid_request:
    'The request was read but does not fit the operation’s schema; `errors` has a JSON Pointer and a sentence for every place. Unknown fields are refused too. Nothing was done.',
  invalid_cursor:
    'The cursor was not given out here, or for another workspace, or by a list that asked for something else. Begin again without a cursor, or use one exactly as it was given.',
  unauthenticated:
    'The request has no key, or one that is not known here or was revoked. Send `Authorization: Bearer <key>`.',
  forbidden:
    'The key is good, but not for this: it lacks a scope, or it is the root key, which only makes workspaces, their keys and imports. The detail names what is missing.',
  not_found:
    'There is no such thing in the key’s workspace. What belongs to another workspace is answered the same way.',
  method_not_allowed: 'The path exists, but not with this method; the `Allow` header names those that it takes.',
  request_timeout:
    'The headers or the body took longer than 60 seconds to arrive. Nothing was done. Send the request again, without pauses.',
  request_in_flight:
    'The first request with this idempotency key has not been answered yet. Send the same request again after `Retry-After` seconds: its answer will be the first one’s.',
  cursor_diverged:
    'The store was restored to an earlier moment, and the cursor points behind it, to events that no longer exist. Begin again at the position that the detail names.',
  lane_not_parked:
    'Only a lane whose message has had all its attempts can be resumed, or go on without it. The detail says what this one does.',
  external_id_taken:
    'Another thing of the same kind already has this external id, or the name that stands in its place. Read that one, or choose another.',
  version_mismatch:
    'Someone changed the thing since you read it. Read it again, decide again, and send the new `ETag` in `If-Match`.',
  body_too_large: 'The body is over 1 MiB. Send less at once; imports are sent in parts.',
  unsupported_media_type: 'The detail names the media type that the operation takes; JSON is `application/json`.',
  idempotency_key_reused:
    'This idempotency key was sent before with another request. A key names one change: make a new one for this request.',
  unknown_reference:
    'The request names a thing, such as a customer or an assignee, that does not exist in this workspace. `errors` says where. Nothing was done.',
  ambiguous_past:
    '`at`, `recorded_at` and `seq` each name a past, and only one can be read at once. Send one of them, or none for the present.',
  reversed_range: '`to_seq` has to be at or after `from_seq`. Exchange the two.',
  filter_too_complex:
    'A filter has 100 conditions and 10 levels at most. Ask for less at once; a list of values (`in`) is one condition.',
  filter_names_person:
    'A view or a webhook endpoint and its filter stand in the log for ever and in the open, so values of titles, external ids and personal custom fields, which may name a person, have no place in it. Search with them, or leave them out.',
  too_many_conversations:
    'A job is about 10,000 conversations at most. Narrow the filter, such as by `created_at`, and send several jobs.',
  job_ended: 'The job is finished or cancelled already; nothing was changed, and no event was written.',
  replay_ended: 'The replay is finished or cancelled already; nothing was changed, and no event was written.',
  archived:
    'The detail names a label, a status detail, a company, a tenant, a custom field or an event type that is archived: it stays where it is, and is given to nothing more. Restore it, or use another one.',
  status_detail_mismatch:
    'Each status detail belongs to one status. Use one of the status that the conversation has or gets.',
  conversation_closed: 'A closed conversation takes no such change. Reopen it first.',
  conversation_not_closed: 'Only a closed or snoozed conversation can be reopened.',
  conversation_not_snoozed:
    'A time until which it is snoozed goes with the status snoozed only. Leave one of the two out.',
  already_snoozed: 'The conversation is snoozed until then already; nothing was changed, and no event was written.',
  conversation_locked: 'A locked conversation takes no messages. Unlock it first.',
  conversation_not_locked: 'Only a locked conversation can be unlocked.',
  already_member:
    'The user or AI agent is in the team already, or the customer in the company or tenant; nothing was changed, and no event was written.',
  not_a_member:
    'The user or AI agent is not in the team, or the customer not in the company or tenant; nothing was changed, and no event was written.',
  team_full: 'Make another team, or let somebody leave this one first.',
  changed_meanwhile:
    'Others kept changing what the request is about while it was being decided, twelve times over. Nothing was done. Send it again, with the same idempotency key.',
  content_mismatch:
    'What the message says does not fit its type: a text or note has a text and no blocks, a rich message has blocks that can stand together, only a note mentions, and no customer writes one. The detail names what is wrong.',
  message_redacted: 'The message is redacted: it is not edited, reacted to or chosen from any more.',
  already_reacted: 'The reaction is there already; nothing was changed, and no event was written.',
  not_reacted: 'Nobody of that name has reacted so; nothing was changed, and no event was written.',
  choice_not_offered:
    'The message has no such button, quick reply or form field, the value is none that it takes, or a field that its form requires is missing. The detail names the block.',
  draft_settled: 'The draft was accepted or refused before, and stays so. Propose another one.',
  too_many: 'The thing has as many of these as there can be; the detail says how many.',
  already_labeled: 'The conversation has the label already; nothing was changed, and no event was written.',
  already_linked:
    'The two are linked so already; or the conversation has a parent, or is a duplicate of another one, and can be that once only. Take the other link away first.',
  not_linked: 'There is no link of this kind between the two: it was taken away already, or is of another kind.',
  linked_to_itself: 'The request names one conversation twice. Name another one.',
  too_many_messages: 'A fork copies 200 messages at most. Fork at a later message.',
  customer_mismatch:
    'Conversations are merged where they are with the same customer, for the texts of a person are sealed with the key of that person.',
  conversation_merged:
    'The conversation goes on in the one that the detail names, and stays closed. A message is sent on there by itself; where it is refused with this, the conversation was merged at the same moment: send it again.',
  not_labeled: 'The conversation does not have the label; nothing was changed, and no event was written.',
  already_assigned:
    'The conversation has this assignee or team already; nothing was changed, and no event was written.',
  unknown_field:
    'No custom field with this key is declared for what the request is about. `errors` names each one. Declare it with `POST /v1/custom_fields`, or correct the key.',
  field_value_invalid:
    'A value is not of its custom field’s kind, is too long, or is none of its options; `errors` says which and why. Nothing was done.',
  field_not_asked:
    'The custom field depends on another one, and is asked for only where that has one of certain values. Set that one first, or leave this one out.',
  field_required:
    'A required custom field that is asked for has no value: when a conversation is closed, when the fields of a closed one are changed, and whenever those of anything else are. Send a value for it.',
  too_many_fields:
    'One thing has values for 100 custom fields at most, which come to 64 KiB, and a workspace has 200 fields in use for each object. Clear a value, or archive a field.',
  field_declaration_invalid:
    'The detail says what does not go together: options without an enum, a default that is no good value, a dependency that cannot be, another kind than the field was made with. Nothing was done.',
  identity_taken:
    'An e-mail address, phone number or handle belongs to one customer of a workspace at a time; the detail names who has it. Merge the two customers, or remove the identity there first.',
  already_identified: 'The customer has the identity already; nothing was changed, and no event was written.',
  identity_unchanged:
    'The identity is verified, not verified or primary already, as asked for; nothing was changed, and no event was written.',
  unknown_customer:
    'The workspace’s rules make no placeholder of somebody unknown on this channel. Make the customer known with the identity first, or change the rules.',
  customer_merged:
    'The customer is read as another one, whom the detail names. Send the request to that one, or undo the merge first.',
  customer_not_merged: 'There is no merge to undo: the customer is read as itself.',
  merge_into_itself:
    'The two ids stand for one customer or one conversation already, because they are the same or because the other one was merged into this one. Name another one; a merge of customers can be undone.',
  merge_final:
    'A merge can be undone for 72 hours, or for as long as the workspace’s rules say. The detail says when that ended. It stays.',
  invalid_value:
    'The value fits the schema and still is none: no e-mail address, no phone number in international form, no time zone, no type of events, or two rules for one channel. The detail names the field. Nothing was done.',
  undecodable:
    'A record on a raw topic is neither JSON nor Avro in Confluent’s wire format by a schema that the registry has. It lies among the dead letters. Where the schema was missing, register it, and re-drive.',
  event_schema_invalid:
    '`errors` has a JSON Pointer and a sentence for every place: a keyword that is not known, a reference that leads out of the schema, a pattern that could run for ever, or a schema that is too large or too deep. Nothing was registered.',
  event_schema_breaks:
    'Data that is right by the latest version may be wrong by this schema, or nobody can tell. The detail names the first place; `POST /v1/event_types/{type}/check` tells all of them. Widen the schema, or register another type, such as `invoice.paid_2`.',
  event_data_invalid:
    'The type is registered, and the data does not fit the latest version of its schema; `errors` has a JSON Pointer and a sentence for every place. Nothing was recorded. Correct the data, or register a wider schema.',
  person_erased: 'What identified this person was erased for good. Nothing more can be recorded about them.',
  rate_limited:
    'The key used up its quota, of which `RateLimit` says what is left; or too many of its streams, or of its workspace’s activities, are under way at once. Nothing was done. `Retry-After` says how many seconds to wait.',
  upgrade_required:
    'The path is a WebSocket: ask for it with `GET`, `Connection: Upgrade`, `Upgrade: websocket` and the handshake of RFC 6455, as every WebSocket client does.',
  headers_too_large:
    'The path and the headers may have 16 KiB together. Nothing was done. Send fewer or shorter ones; what is long belongs into the body.',
  internal:
    'Heddle failed in a way that it did not foresee. A retry with the same idempotency key is safe. Report it with the `X-Request-Id`.',
  unavailable:
    'The store cannot be reached now, what the answer is read from is not there yet, or the process has too much under way. Try again after `Retry-After` seconds with the same idempotency key; without a key the request may be done twice.',
};
