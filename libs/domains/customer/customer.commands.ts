import type { ChangeFields } from '../../platform/kernel/fields/held-fields.js';
import type { IdentityName } from './identities/identity.js';

/** An identity as somebody gives it to a customer. What is undefined is left as it is, or false for a new one. */
export interface GivenIdentity extends IdentityName {
  /** The id that it gets where it is new. */
  id: string;
  verified?: boolean | undefined;
  primary?: boolean | undefined;
  /** Another customer who has it; null for none. */
  takenBy: string | null;
}

export interface Profile {
  name?: string | undefined;
  /** Null takes it away; undefined leaves it. */
  language?: string | null | undefined;
  timeZone?: string | null | undefined;
}

/** Makes a customer known, or brings what is known of them up to date. */
export interface UpsertCustomer extends Profile {
  type: 'upsert';
  /** Whose stream it is decided on. */
  customer: string;
  externalId: string;
  name: string;
  identities: readonly GivenIdentity[];
  /** Who has the external id; null for nobody yet. */
  externalIdOf: string | null;
  /** The values in custom fields that one who is new begins with. */
  fields?: ChangeFields;
}

/** Makes a placeholder of somebody who is known by an identity alone, unless they are known. */
export interface ResolveCustomer {
  type: 'resolve';
  channel: string;
  identity: GivenIdentity;
  name: string;
  /** Whether the workspace's rules make no placeholder here. */
  isRefused: boolean;
}

/** Makes a placeholder of somebody of whom an external id is known, unless they are known by now. */
export interface HoldPlace {
  type: 'hold_place';
  channel: string;
  /** Null where it is another customer's by now. */
  externalId: string | null;
  name: string;
}

export interface UpdateCustomer extends Profile {
  type: 'update';
}

export interface ChangeCustomerFields extends ChangeFields {
  type: 'change_fields';
}

export interface AddIdentity {
  type: 'add_identity';
  customer: string;
  identity: GivenIdentity;
}

export interface ChangeIdentity {
  type: 'verify_identity' | 'unverify_identity' | 'prefer_identity' | 'remove_identity';
  identity: string;
}

export interface ChangeMembership {
  type: 'join_company' | 'leave_company' | 'join_tenant' | 'leave_tenant';
  /** The company's or the tenant's id. */
  of: string;
}

export interface MergeCustomer {
  type: 'merge';
  customer: string;
  /** Whom the other one is read as. */
  into: string;
  /** ms. */
  undoUntil: number;
}

export interface UnmergeCustomer {
  type: 'unmerge';
  /** ms. */
  now: number;
}

/**
 * What is asked of a customer who is read as one of their own. The readers may know more than the stream: of two who
 * were merged into each other at the same moment one is read as both.
 */
export interface Addressed {
  /** Whom the readers know the customer to be merged into, although it is read as itself. */
  despiteMergeInto?: string | null | undefined;
}

export type CustomerCommand =
  | ((UpsertCustomer | UpdateCustomer | ChangeCustomerFields | AddIdentity | ChangeMembership) & Addressed)
  | ResolveCustomer
  | HoldPlace
  | ChangeIdentity
  | MergeCustomer
  | UnmergeCustomer;
