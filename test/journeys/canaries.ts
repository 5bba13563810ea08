import { randomBytes } from 'node:crypto';
import type { z } from 'zod';

/** Words that stand for what people write and are called: each is planted in one place, and told by it. */
export class Canaries {
  private readonly mark = `canary-${randomBytes(6).toString('hex')}`;
  private readonly places: string[] = [];

  /** A new one. It passes as a text, a name, a slug and an id of another system. */
  at(place: string): string {
    this.places.push(place);
    return `${this.mark}-${this.places.length - 1}`;
  }

  /** Where those were planted that stand in a text. */
  foundIn(text: string): string[] {
    const found = [...text.matchAll(new RegExp(`${this.mark}-(\\d+)`, 'gi'))].map(([, number]) => Number(number));
    return [...new Set(found)].map((number) => this.places[number]!);
  }

  get planted(): number {
    return this.places.length;
  }
}

type Path = readonly (string | number)[];

function leavesOf(value: unknown, at: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return value === undefined ? [] : [at];
  return Object.entries(value).flatMap(([key, child]) => leavesOf(child, [...at, key]));
}

function withLeaf(value: unknown, [key, ...deeper]: Path, leaf: unknown): unknown {
  if (key === undefined) return leaf;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = withLeaf(copy[key], deeper, leaf);
  return copy;
}

/**
 * The value with a canary in every text that its schema leaves free, as such, as an e-mail address or in one of the web;
 * then the same with one of them each, for what may be refused of one.
 */
export function planted(schema: z.ZodType, value: unknown, canaries: Canaries, place: string): unknown[] {
  const plant = (into: unknown, path: Path) => {
    const word = canaries.at(`${place} /${path.join('/')}`);
    const texts = [word, `${word}@example.org`, `https://${word}.example.org/`];
    return texts.map((text) => withLeaf(into, path, text)).find((one) => schema.safeParse(one).success) ?? null;
  };
  const free = leavesOf(value).filter((path) => typeof leafAt(value, path) === 'string' && plant(value, path) !== null);
  const all = free.reduce((into, path) => plant(into, path) ?? into, value);
  return [all, ...free.map((path) => plant(value, path))];
}

/** The values that a canary makes of one, each in another place, whether they fit or not. */
export function spoiled(value: unknown, canaries: Canaries, place: string): unknown[] {
  const leaves = leavesOf(value).map((path) =>
    withLeaf(value, path, canaries.at(`${place}, spoiled /${path.join('/')}`)),
  );
  const [field, text] = [canaries.at(`${place}, an unknown field`), canaries.at(`${place}, in an unknown field`)];
  return [...leaves, { ...(value as object), [field]: text }];
}

function leafAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], value);
}
