import { canonical } from './canonical.js';
import { FORMATS } from './json-schema-formats.js';
import { ANNOTATIONS, isOwn, isSchemaObject, type SchemaObject, subschemasOf } from './schema-keywords.js';
import { type Node, schemaOf, targetOf } from './schema-view.js';

/**
 * Whether two places say the same, word for word, but for what refuses nothing; what they refer to, too. `look` is told of each
 * two places that are looked at.
 */
export function isSame(
  one: Node,
  other: Node,
  look: (one: Node, other: Node) => void,
  inProgress = new Set<string>(),
): boolean {
  const [a, b] = [schemaOf(one), schemaOf(other)];
  if (!isSchemaObject(a) || !isSchemaObject(b)) return a === b;
  const pair = `${one.at} ${other.at}`;
  if (inProgress.has(pair)) return true;
  inProgress.add(pair);
  look(one, other);
  const [ours, theirs] = [inside(a), inside(b)];
  if (canonical(ownValues(a)) !== canonical(ownValues(b)) || ours.length !== theirs.length) return false;
  const paths = new Set(theirs);
  const below = (path: string) =>
    paths.has(path) &&
    isSame({ doc: one.doc, at: one.at + path }, { doc: other.doc, at: other.at + path }, look, inProgress);
  if (!ours.every(below)) return false;
  return a.$ref === undefined || isSame(targetOf(one), targetOf(other), look, inProgress);
}

function inside(schema: SchemaObject): string[] {
  return subschemasOf(schema)
    .filter(({ keyword }) => !ANNOTATIONS.has(keyword))
    .map(({ path }) => path);
}

/** The keywords that hold no schemas; a reference only by its being there. */
function ownValues(schema: SchemaObject): SchemaObject {
  const holders = new Set(subschemasOf(schema).map(({ keyword }) => keyword));
  const values = Object.entries(schema).filter(
    ([keyword, value]) =>
      !ANNOTATIONS.has(keyword) && !isOwn(keyword) && !(keyword === 'format' && !Object.hasOwn(FORMATS, String(value))),
  );
  return Object.fromEntries(
    values.map(([keyword, value]) => {
      if (keyword === '$ref') return [keyword, true];
      if (!holders.has(keyword)) return [keyword, value];
      return [keyword, keyword === 'dependencies' ? listsOf(value as SchemaObject) : true];
    }),
  );
}

function listsOf(dependencies: SchemaObject): SchemaObject {
  return Object.fromEntries(Object.entries(dependencies).filter(([, names]) => Array.isArray(names)));
}
