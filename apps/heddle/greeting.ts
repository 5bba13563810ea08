import { relative } from 'node:path';

/** What a newcomer sees: the address, where the keys lie, and three commands that work as they stand. */
export function greeting(url: string, dataDir: string, ownRootKey: boolean): string {
  const shown = relative(process.cwd(), dataDir);
  const folder = shown === '' || shown.startsWith('..') ? dataDir : shown;
  const quoted = /^[\w./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", `'\\''`)}'`;
  const auth = `-H "Authorization: Bearer $(cat ${quoted}/default-key)"`;
  const json = `-H 'Content-Type: application/json'`;
  return `
Heddle is ready at ${url}   (reference: ${url}/docs)

  Key of the workspace "default":  ${folder}/default-key
  Root key:                        ${ownRootKey ? `${folder}/root-key` : 'HEDDLE_ROOT_KEY'}

Try these:

  curl -s ${url}/v1/customers ${auth} ${json} -d '{"external_id":"ada","name":"Ada"}'
  curl -s ${url}/v1/customers ${auth}
  curl -s ${url}/openapi.json

Ctrl-C ends it.
`;
}
