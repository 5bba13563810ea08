import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { seal, unseal } from '../../../platform/keys/aes-gcm.js';
import type { DataKey, Keyring } from '../../../platform/keys/data-key.js';

const KEY_ID_BYTES = 16;

/** Where a body belongs: it opens nowhere else. */
export interface BodyPlace {
  workspace: string;
  position: number;
  pin: string;
}

/**
 * A body as it is kept: a byte that says how many people it names, the ids of their keys, and then the bytes, sealed so that all
 * of these keys open them together and none does alone. What names nobody is kept as it is.
 */
export function sealBody(keys: readonly DataKey[], place: BodyPlace, body: Buffer): Buffer {
  const live = keys.filter(({ key }) => key !== null);
  const head = Buffer.concat([Buffer.of(live.length), ...live.map(({ id }) => id)]);
  if (live.length === 0) return Buffer.concat([head, body]);
  return Buffer.concat([head, seal(jointKey(live), body, boundTo(place))]);
}

/** The ids of the keys that a kept body is sealed with, in hex. */
export function keyIdsOfBody(kept: Buffer): string[] {
  return Array.from({ length: kept[0] ?? 0 }, (_, i) =>
    kept.toString('hex', 1 + i * KEY_ID_BYTES, 1 + (i + 1) * KEY_ID_BYTES),
  );
}

/** The body; null where one of its keys is gone, or it is not what was kept at this place. */
export function openBody(keyring: Keyring, place: BodyPlace, kept: Buffer): Buffer | null {
  const count = kept[0] ?? 0;
  const sealed = kept.subarray(1 + count * KEY_ID_BYTES);
  if (count === 0) return sealed;
  const keys = keyIdsOfBody(kept).map((id) => keyring.get(id));
  const live = keys.filter((key): key is DataKey => key !== undefined && key.key !== null);
  return live.length < count ? null : unseal(jointKey(live), sealed, boundTo(place));
}

const joint = new WeakMap<KeyObject, Map<string, KeyObject>>();

function jointKey(keys: readonly DataKey[]): KeyObject {
  const [first, ...others] = keys as [DataKey, ...DataKey[]];
  if (others.length === 0) return first.key!;
  const known = joint.get(first.key!) ?? new Map<string, KeyObject>();
  joint.set(first.key!, known);
  const name = others.map(({ id }) => id.toString('hex')).join();
  let key = known.get(name);
  if (key === undefined) {
    const mac = createHmac('sha256', first.key!).update('heddle webhook body');
    for (const other of others) mac.update(createHmac('sha256', other.key!).update('heddle webhook body').digest());
    key = createSecretKey(mac.digest());
    known.set(name, key);
  }
  return key;
}

function boundTo({ workspace, position, pin }: BodyPlace): Buffer {
  return Buffer.from(`webhook body ${position} ${pin} in ${workspace}`);
}
