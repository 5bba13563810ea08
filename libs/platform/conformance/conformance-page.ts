import { AREAS } from './all-cases.js';
import { BROKEN_ENGINES } from './broken/all-broken-engines.js';
import { CAPABILITIES } from './engine-under-test.js';

const cases = AREAS.flatMap((area) => area.cases);
const shown = new Set(
  Object.values(BROKEN_ENGINES)
    .flat()
    .map(({ caughtBy }) => caughtBy),
);

/** docs/conformance.md, as the cases are now. */
export function conformancePage(): string {
  return `# What an engine of the log must hold

The suite in \`libs/platform/conformance\` is the definition of the port \`EventLog\` and of what follows it: ${cases.length}
cases, which run unchanged on every engine. Each names the mutation of an engine that it is there to catch. For ${shown.size}
of them (✱) that engine exists: sound but for the one fault, it fails this case and no other one of its part
(\`mutations.int.spec.ts\`). This page is written from the cases, and a test holds the two together.

An engine says as data what it can; a case that needs more is skipped, and its title says why:

| capability | what it says | cases that need it |
|---|---|---|
${Object.entries(CAPABILITIES)
  .map(([name, says]) => `| ${name} | ${says} | ${cases.filter(({ needs }) => needs === name).length} |`)
  .join('\n')}

A new engine is a file like \`embedded-engine.ts\`, which opens an installation, and a spec of five lines.
${AREAS.map(
  ({ title, cases: theirs }) => `
## ${title[0]!.toUpperCase()}${title.slice(1)}

| what holds | the broken engine that this catches | |
|---|---|---|
${theirs
  .map(({ name, mutation, needs }) => {
    const more = [shown.has(name) ? '✱' : '', needs === undefined ? '' : `needs: ${needs}`].filter(Boolean);
    return `| ${name} | ${mutation} | ${more.join(' ')} |`;
  })
  .join('\n')}
`,
).join('')}`;
}
