import { PROBLEMS, type ProblemCode } from '../../kernel/problem.js';
import { html } from './html.js';
import { page } from './page.js';
import { EXPLANATIONS } from './problem-explanations.js';
import { prose } from './prose.js';

/** The registry of problems as a page: `type` of every problem leads to its anchor. */
export function problemsPage(): Buffer {
  const codes = Object.keys(PROBLEMS) as ProblemCode[];
  const nav = html`<p class="brand"><a href="/docs">Heddle</a></p><p><a href="/docs">The API</a> · <a href="/docs/events">Events</a></p>
<section><h2>Problems</h2><ul>${codes.map((code) => html`<li><a href="#${code}"><b class="method">${PROBLEMS[code].status}</b> ${code}</a></li>`)}</ul></section>`;
  const main = html`<header><h1>Problems</h1>
${prose('Every answer that is not a good one is `application/problem+json` (RFC 9457). Branch on `code`: codes are never renamed. `detail` is for people and may change.')}</header>
${codes.map(
  (code) => html`<section id="${code}"><h3><a href="#${code}">${PROBLEMS[code].title}</a></h3>
<p class="route"><b class="method">${PROBLEMS[code].status}</b> <code>${code}</code></p>${prose(EXPLANATIONS[code])}</section>`,
)}`;
  return page({ title: 'Heddle: problems', nav, main });
}
