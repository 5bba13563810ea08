import type { IdPrefix } from '../id.js';

/** What a workspace can declare fields for. */
export const FIELD_OBJECTS = ['conversation', 'message', 'customer', 'company', 'tenant'] as const;
export type FieldObject = (typeof FIELD_OBJECTS)[number];

export const FIELD_KINDS = [
  'string',
  'text',
  'number',
  'currency',
  'boolean',
  'date',
  'enum',
  'multi_enum',
  'reference',
] as const;
export type FieldKind = (typeof FIELD_KINDS)[number];

/** What a reference can lead to, and how its ids begin. */
export const REFERENCES = {
  conversation: 'conv',
  customer: 'cus',
  company: 'com',
  tenant: 'ten',
  user: 'usr',
  ai_agent: 'aia',
  team: 'team',
} as const satisfies Record<string, IdPrefix>;
export type ReferenceTo = keyof typeof REFERENCES;

/** An amount as decimal text with as many decimals as its currency has, and the currency's code (ISO 4217). */
export interface Money {
  amount: string;
  currency: string;
}

/** A value as the API shows it, in the one form that its kind has. */
export type FieldValue = string | number | boolean | string[] | Money;

export interface FieldOption {
  /** A slug, for good: what values hold. */
  value: string;
  /** What people read. */
  name: string;
}

/** Asked for only where another field of the same thing has one of these values; a boolean's are `true` and `false`. */
export interface FieldDependency {
  field_id: string;
  values: readonly string[];
}

/** What a value is held against. */
export interface ValueRules {
  kind: FieldKind;
  /** Of an enum or a multi_enum; else none. */
  options: readonly FieldOption[];
  /** Of a reference; else null. */
  referenceTo: ReferenceTo | null;
}

/** A custom field as it stands in one of its versions. */
export interface FieldDeclaration extends ValueRules {
  id: string;
  object: FieldObject;
  /** Unique among the fields of its object. */
  key: string;
  /** The `seq` of the event that made it so. */
  version: number;
  /** Its values are sealed with the key of the person whom the thing is about. */
  personal: boolean;
  required: boolean;
  archived: boolean;
  default: FieldValue | null;
  dependsOn: FieldDependency | null;
}

const CHOICES: readonly FieldKind[] = ['boolean', 'enum', 'multi_enum'];

/** Whether another field may depend on one: its values are few, and known to all. */
export function isChoice({ kind, personal }: Pick<FieldDeclaration, 'kind' | 'personal'>): boolean {
  return CHOICES.includes(kind) && !personal;
}

/** What a choice's value chooses, as dependencies name it. */
export function choicesOf(value: FieldValue): string[] {
  return Array.isArray(value) ? [...value] : [String(value)];
}
