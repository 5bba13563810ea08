import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppModule } from '../apps/heddle/app.module.js';
import { operationsOf } from '../libs/platform/operations/handles.js';
import { openApiDocument } from '../libs/platform/operations/openapi.js';
import { packageRoot } from '../libs/platform/postgres/package-root.js';

const RELEASED = 'docs/openapi.released.json';

/**
 * `openapi.js` prints the document of the whole API; `openapi.js --release` keeps it as the last released one, which
 * `.ci/run` compares each later one with.
 */
function main(): void {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  const text = `${JSON.stringify(openApiDocument(operationsOf(AppModule), { version }), null, 2)}\n`;
  if (process.argv.includes('--release')) writeFileSync(join(packageRoot, RELEASED), text);
  else process.stdout.write(text);
}

main();
