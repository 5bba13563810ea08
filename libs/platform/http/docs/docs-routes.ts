import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenApiDocument } from '../../operations/openapi-types.js';
import { packageRoot } from '../../postgres/package-root.js';
import { problemsPage } from './problems-page.js';
import { referencePage } from './reference-page.js';

/** One thing that GET answers, without a key. */
export interface DocsRoute {
  path: string;
  contentType: string;
  /** The same bytes every time; made at the first call. */
  read(): Buffer;
}

/**
 * For every answer of `docsRoutes`. The pages are rendered here and have no inline script or style, so that the browser
 * runs nothing but our own file and reaches nothing but this installation.
 */
export const DOCS_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function once(make: () => Buffer): () => Buffer {
  let made: Buffer | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function asset(name: string): () => Buffer {
  return once(() => readFileSync(join(packageRoot, 'libs', 'platform', 'http', 'docs', name)));
}

/** The OpenAPI document, its reference and the registry of problems, with all that they need. */
export function docsRoutes(document: OpenApiDocument): DocsRoute[] {
  const page = 'text/html; charset=utf-8';
  return [
    { path: '/openapi.json', contentType: 'application/json', read: once(() => Buffer.from(JSON.stringify(document))) },
    { path: '/docs', contentType: page, read: once(() => referencePage(document)) },
    { path: '/docs/problems', contentType: page, read: once(problemsPage) },
    { path: '/docs/docs.css', contentType: 'text/css; charset=utf-8', read: asset('docs.css') },
    { path: '/docs/docs.js', contentType: 'text/javascript; charset=utf-8', read: asset('docs.js') },
  ];
}
