import type { AvroSchema } from './avro-schema.js';
import { type Incompatibility, incompatibilities } from './schema-resolution.js';

export const COMPATIBILITY_LEVELS = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;

/**
 * What a new version owes to those before it. BACKWARD: it reads what they wrote; FORWARD: they read what it writes;
 * FULL: both. With _TRANSITIVE to all of them, else to the latest.
 */
export type CompatibilityLevel = (typeof COMPATIBILITY_LEVELS)[number];

/** In any case, as clients send it; null for what is no level. */
export function compatibilityLevelOf(text: unknown): CompatibilityLevel | null {
  return COMPATIBILITY_LEVELS.find((level) => typeof text === 'string' && level === text.toUpperCase()) ?? null;
}

export interface EarlierVersion {
  version: number;
  schema: AvroSchema;
}

/**
 * Why a schema may not follow the versions of a subject, oldest first; empty where it may. The last two messages are
 * the version that it failed on and the level, as Confluent's registry has them.
 */
export function breaches(level: CompatibilityLevel, schema: AvroSchema, earlier: readonly EarlierVersion[]): string[] {
  const compared = level.endsWith('_TRANSITIVE') ? earlier : earlier.slice(-1);
  for (const one of compared.toReversed()) {
    const messages = breachesOf(level, schema, one.schema);
    if (messages.length > 0) {
      return [...messages, `{oldSchemaVersion: ${one.version}}`, `{compatibility: '${level}'}`];
    }
  }
  return [];
}

function breachesOf(level: CompatibilityLevel, next: AvroSchema, before: AvroSchema): string[] {
  const messages: string[] = [];
  if (/^(BACKWARD|FULL)/.test(level)) {
    const found = incompatibilities(next.type, before.type);
    messages.push(...found.map((one) => message(one, 'The new schema cannot read what the old one wrote')));
  }
  if (/^(FORWARD|FULL)/.test(level)) {
    const found = incompatibilities(before.type, next.type);
    messages.push(...found.map((one) => message(one, 'The old schema cannot read what the new one writes')));
  }
  return messages;
}

function message({ kind, path, reason }: Incompatibility, what: string): string {
  return `{errorType: '${kind}', description: '${what}: at ${path} of the reading schema, ${reason}', path: '${path}'}`;
}
