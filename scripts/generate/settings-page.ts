import { SETTINGS } from '../../libs/platform/settings/settings.js';
import type { Output } from './output.js';

/** `docs/settings.md`: every variable that the server reads. */
export function settingsPage(): Output {
  const rows = SETTINGS.map(({ name, default: usual, meaning }) => `| \`${name}\` | ${usual} | ${meaning} |`);
  const text = `<!-- Generated from libs/platform/settings by npm run generate: do not edit. -->

# Settings

By environment, checked at the start: one that cannot be used ends it with one line that names the variable and the fix.
An empty one counts as unset. Files are named by their paths, and hold PEM.

| variable | default | meaning |
|---|---|---|
${rows.join('\n')}

## TLS to Postgres

\`DATABASE_URL\` says it, with libpq's parameters and what they mean there. The URL alone decides: the variables \`PGSSL…\` and
\`~/.postgresql\` are not read, and without \`sslmode\` nothing is encrypted.

| \`sslmode\` | encrypted | who answers is known by |
|---|---|---|
| \`disable\` | no | – |
| \`require\` | yes | nothing; with \`sslrootcert\` as \`verify-ca\` |
| \`verify-ca\` | yes | a certificate that \`sslrootcert\` signed |
| \`verify-full\` | yes | a certificate that \`sslrootcert\` signed, for the host in the URL |

\`sslrootcert=system\` trusts the machine's authorities, and means \`verify-full\`. \`sslcert\` and \`sslkey\` are Heddle's own
certificate, for a server that asks for one. \`prefer\` and \`allow\` are refused, since they may go on in clear text, and so is
every parameter about TLS that Heddle does not know. Files are read at each connection: a renewed one needs no restart.
`;
  return { path: 'docs/settings.md', text };
}
