import { EVENT_SCHEMAS } from '../../../contract/generated/event-schemas.js';
import { PROBLEMS } from '../../kernel/problem.js';
import { listShelves, paintShelf, seeHealth } from '../../operations/openapi.fixture.js';
import { openApiDocument } from '../../operations/openapi.js';
import { defineOperation } from '../../operations/operation.js';
import { DOCS_SECURITY_POLICY, docsRoutes } from './docs-routes.js';

const operations = [listShelves, paintShelf, seeHealth];
const document = openApiDocument(operations, { version: '1.2.3' });
const routes = docsRoutes(document, operations);
const read = (path: string) =>
  routes
    .find((route) => route.path === path)!
    .read()
    .toString();

describe('The reference', () => {
  it('shows every operation with its route, fields, permission and commands', () => {
    const page = read('/docs');
    for (const { name, path, summary } of [listShelves, paintShelf, seeHealth]) {
      expect(page).toContain(`id="${name}"`);
      expect(page).toContain(`<code>${path}</code>`);
      expect(page).toContain(`>${summary.slice(0, -1)}</a>`);
    }
    expect(page).toContain('npx heddle shelves paint &lt;id&gt;');
    expect(page).toContain('<code>&quot;user&quot; | &quot;ai_agent&quot;</code>');
    expect(page).toContain('1 to 1000, 50 if not given');
    expect(page).toContain('<code>admin:write</code>, or the root key.');
    expect(page).toContain('href="/docs/problems#person_erased"');
  });

  it('says where the address and the key of its commands come from, before the first of them', () => {
    const page = read('/docs');
    for (const name of ['HEDDLE_URL', 'HEDDLE_API_KEY']) {
      expect(page.indexOf(`export ${name}=`)).toBeGreaterThan(0);
      expect(page.indexOf(`export ${name}=`)).toBeLessThan(page.indexOf(`$${name}`));
    }
  });

  it('is our own from first to last: no host, no inline script or style, so the policy can be strict', () => {
    const policy = DOCS_SECURITY_POLICY;
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    for (const path of ['/docs', '/docs/events', '/docs/problems']) {
      const page = read(path);
      expect(page).not.toMatch(/(src|href|action)="(https?:)?\/\//);
      expect(page).not.toMatch(/<style|style="|<script>|\son[a-z]+="/);
      for (const [, linked] of page.matchAll(/(?:src|href)="(\/[^"#]*)/g)) {
        expect(routes.map((route) => route.path)).toContain(linked);
      }
    }
    expect(read('/docs/docs.css')).not.toMatch(/@import|url\(/);
    expect(read('/docs/docs.js')).not.toMatch(/https?:|eval|innerHTML/);
  });

  it('escapes what declarations hold', () => {
    const nasty = defineOperation({
      ...seeHealth,
      summary: '<img src=x onerror=alert(1)>',
      description: '`<b>` & "x"',
    });
    const page = docsRoutes(openApiDocument([nasty], { version: '"><script>' }), [nasty])
      .find((route) => route.path === '/docs')!
      .read()
      .toString();
    expect(page).not.toContain('<img');
    expect(page).not.toContain('"><script>');
    expect(page).toContain('<code>&lt;b&gt;</code> &amp; &quot;x&quot;');
  });

  it('ends at a schema that holds itself', () => {
    const looped = structuredClone(document);
    looped.components.schemas.Owner!.properties!.boss = { $ref: '#/components/schemas/Owner' };
    const page = docsRoutes(looped, operations)
      .find((route) => route.path === '/docs')!
      .read()
      .toString();
    expect(page.match(/<code>boss<\/code>/g)!.length).toBe(1);
  });

  it('has an anchor for the type of every problem', () => {
    const page = read('/docs/problems');
    for (const code of Object.keys(PROBLEMS)) expect(page).toContain(`id="${code}"`);
  });

  it('gives the document that it was made from', () => {
    expect(JSON.parse(read('/openapi.json'))).toEqual(document);
  });

  it('leads to the events and back', () => {
    expect(read('/docs')).toContain('href="/docs/events"');
    for (const path of ['/docs/events', '/docs/problems']) expect(read(path)).toContain('href="/docs"');
  });
});

describe('The catalogue of events', () => {
  const page = read('/docs/events');

  it.each(EVENT_SCHEMAS.map(({ type, version, revision }) => [type, `${version}.${revision}`]))(
    'shows %s %s',
    (type, version) => {
      const section = page.slice(page.indexOf(`<section id="${type}"`)).split('</section>')[0]!;
      expect(section).toContain(`<code>${version}</code>`);
      const schema = EVENT_SCHEMAS.findLast((one) => one.type === type)!;
      expect(section).toContain(`<code>${schema.record}</code>`);
      for (const field of schema.schema.fields.slice(1)) {
        expect([field.name, section.includes(`<code>${field.name}</code>`)]).toEqual([
          field.name,
          !field['heddle.hidden'],
        ]);
      }
      for (const group of schema.groups) expect(section).toContain(`href="#group-${group}"`);
      expect(section).toContain(`&quot;type&quot;: &quot;${type}&quot;`);
    },
  );

  it('says what a revision changed, and where events lie on Kafka', () => {
    expect(page).toContain('What 1.1 changed after 1.0');
    for (const { domain } of EVENT_SCHEMAS) expect(page).toContain(`<code>heddle.${domain}</code>`);
  });

  it('has every link within it lead somewhere', () => {
    for (const [, anchor] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`id="${anchor}"`);
  });
});
