import { EXPLANATIONS } from '../../libs/platform/http/docs/problem-explanations.js';
import { PROBLEMS, type ProblemCode } from '../../libs/platform/kernel/problem.js';

/** `docs/problems.md`: the registry of problem codes for readers of the repository. `path` is relative to its root. */
export function problemsPage(): { path: string; text: string } {
  const sections = (Object.keys(PROBLEMS) as ProblemCode[]).map(
    (code) => `## ${code}\n\n**${PROBLEMS[code].status}** ${PROBLEMS[code].title}.\n\n${EXPLANATIONS[code]}\n`,
  );
  const text = `<!-- Generated from libs/platform/kernel/problem.ts by npm run generate: do not edit. -->

# Problems

Every answer that is not a good one is \`application/problem+json\` (RFC 9457). Branch on \`code\`: codes are never renamed.
\`detail\` is for people and may change. A running Heddle shows this page at \`/docs/problems\`.

${sections.join('\n')}`;
  return { path: 'docs/problems.md', text };
}
