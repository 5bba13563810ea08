/** What a schema file's path says. */
export interface SchemaName {
  domain: string;
  /** The type with underscores: `message_created`. */
  event: string;
  version: number;
  revision: number;
}

const PATH = /^([a-z][a-z0-9_]*)\/([a-z][a-z0-9_]*)\.v([1-9]\d*)\.(0|[1-9]\d*)\.avsc$/;

/** Null for a path that is not `<domain>/<event>.v<N>.<r>.avsc`. */
export function schemaNameOf(path: string): SchemaName | null {
  const match = PATH.exec(path);
  if (match === null) return null;
  return { domain: match[1]!, event: match[2]!, version: Number(match[3]), revision: Number(match[4]) };
}

/** The record's full name that the path asks for: `heddle.conversation.MessageCreated`, from version 2 on `…V2`. */
export function recordOf({ domain, event, version }: SchemaName): string {
  const pascal = event.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return `heddle.${domain}.${pascal}${version === 1 ? '' : `V${version}`}`;
}
