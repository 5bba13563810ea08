import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOGUE } from '../../event-schemas/schema-catalogue.js';
import { asyncApiDocument } from '../../operations/asyncapi.js';
import type { OpenApiDocument } from '../../operations/openapi-types.js';
import type { Operation } from '../../operations/operation.js';
import { packageRoot } from '../../postgres/package-root.js';
import { eventsPage } from './events-page.js';
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

/** The documents of the API and of its events, their pages and the registry of problems, with all that they need. */
export function docsRoutes(document: OpenApiDocument, operations: readonly Operation[]): DocsRoute[] {
  const asyncApi = () => asyncApiDocument(operations, CATALOGUE, document);
  const page = 'text/html; charset=utf-8';
  return [
    { path: '/openapi.json', contentType: 'application/json', read: once(() => Buffer.from(JSON.stringify(document))) },
    {
      path: '/asyncapi.json',
      contentType: 'application/json',
      read: once(() => Buffer.from(JSON.stringify(asyncApi()))),
    },
    { path: '/docs', contentType: page, read: once(() => referencePage(document)) },
    { path: '/docs/events', contentType: page, read: once(() => eventsPage(CATALOGUE, document)) },
    { path: '/docs/problems', contentType: page, read: once(problemsPage) },
    { path: '/docs/docs.css', contentType: 'text/css; charset=utf-8', read: asset('docs.css') },
    { path: '/docs/docs.js', contentType: 'text/javascript; charset=utf-8', read: asset('docs.js') },
  ];
}
