import type { Refusal } from '../../../platform/kernel/decider.js';
import type { Filter } from '../filter/filter.js';
import type { DisabledReason, SignatureKind } from './endpoint.state.js';

/** What an endpoint is told to be; what it is made with for good is not among it. */
export interface EndpointSettings {
  url: string;
  description: string | null;
  types: readonly string[];
  filter: Filter | null;
  pin: string;
  concurrency: number;
  rateLimit: number | null;
  retrySchedule: readonly number[];
  signatures: readonly SignatureKind[];
  bodySignatureHeader: string | null;
  /** What may be known of its secrets. */
  headerNames: readonly string[];
  clientCertificateSha256: string | null;
}

export interface CreateEndpoint {
  type: 'create';
  settings: EndpointSettings;
  ordered: boolean;
  sealed: Buffer;
  /** How many endpoints the workspace has. */
  others: number;
}

/** Secrets that were opened, changed and sealed again; `from` is what they were made of, as the state has it. */
export interface Resealed {
  from: string;
  sealed: Buffer;
}

export interface UpdateEndpoint {
  type: 'update';
  /** What is undefined stays as it is. */
  settings: { readonly [Name in keyof EndpointSettings]: EndpointSettings[Name] | undefined };
  /** Null where neither headers nor the certificate are told. */
  resealed: Resealed | null;
}

export interface RotateSecret {
  type: 'rotate';
  resealed: Resealed;
  /** Until when the secrets before sign as well, ms; null where they do not. */
  previousUntil: number | null;
}

export interface DisableEndpoint {
  type: 'disable';
  reason: DisabledReason;
}

export interface EnableEndpoint {
  type: 'enable';
}

export interface DeleteEndpoint {
  type: 'delete';
}

/** A message that a lane waits for. */
export interface LaneMessage {
  /** Whose events wait behind it. */
  stream: string;
  run: number;
  eventId: string;
  eventType: string;
  eventPosition: number;
}

/** A lane is parked: told of by whoever has its endpoint's lease, once for each time. */
export interface TellParked {
  type: 'tell_parked';
  message: LaneMessage;
  attempts: number;
  /** Of the last attempt. */
  status: number | null;
  cause: string;
}

/** A parked lane goes on. Lanes are not folded: whoever decides of one does so once, by an idempotency key of its parking. */
export interface DecideLane {
  type: 'resume_lane' | 'skip_lane';
  message: LaneMessage;
}

/** Changes nothing here: it is there for its answer, or its refusal, which is kept under the request's idempotency key. */
export interface AnswerRequest {
  type: 'answer';
  refusal: Refusal | null;
}

export type EndpointCommand =
  | CreateEndpoint
  | UpdateEndpoint
  | RotateSecret
  | DisableEndpoint
  | EnableEndpoint
  | TellParked
  | DecideLane
  | AnswerRequest
  | DeleteEndpoint;
