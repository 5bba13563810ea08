import { join } from 'node:path';
import { composeFile } from './compose-file.js';
import { eventCatalogue } from './event-catalogue.js';
import { eventSchemasOf } from './event-schemas.js';
import { frontRules } from './front-rules.js';
import type { Output } from './output.js';
import { plainTypesModule } from './plain-types.js';
import { problemsPage } from './problems.js';
import { readSchemaFiles } from './schema-files.js';
import { brokenSchemaRules } from './schema-rules.js';
import { schemaTableModule } from './schema-table.js';
import { settingsPage } from './settings-page.js';

/** Everything that is generated. Throws one error that lists every broken rule when the schemas are not in order. */
export function outputsOf(root: string): Output[] {
  const files = readSchemaFiles(join(root, 'schemas'));
  const broken = brokenSchemaRules(files);
  if (broken.length > 0) throw new BrokenSchemasError(broken);
  const schemas = eventSchemasOf(files);
  return [
    { path: 'libs/contract/generated/event-data.ts', text: plainTypesModule(schemas) },
    { path: 'libs/contract/generated/event-schemas.ts', text: schemaTableModule(schemas) },
    { path: 'docs/events.md', text: eventCatalogue(schemas) },
    problemsPage(),
    settingsPage(),
    composeFile(),
    frontRules(),
  ];
}

export class BrokenSchemasError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.map((problem) => `schemas/${problem}`).join('\n'));
    this.name = 'BrokenSchemasError';
  }
}
