import { type ConnectionOptions, getCACertificates } from 'node:tls';
import { StartupError } from '../settings/startup-error.js';
import { type NamedFile, readTlsFiles } from '../settings/tls-files.js';

const MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof MODES)[number];

const OURS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'ssl'] as const;
/** Node-postgres knows this one itself. */
const ITS_OWN = 'sslnegotiation';

/** How a connection is to be encrypted; false for not at all. */
export type Tls = ConnectionOptions | false;

function refuse(what: string, fix: string): never {
  throw new StartupError(`The database URL asks for ${what}: ${fix}.`);
}

/**
 * Takes the parameters about TLS out of a database URL, and says what they mean as libpq does, where node-postgres would
 * not: https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION. The URL alone decides: no variable
 * of the environment, and no file of the home directory. What could weaken a connection, `prefer` and `allow` among it,
 * is refused with a StartupError. Files are read anew at every call, so that a renewed one needs no restart.
 */
export function takeTls(databaseUrl: string): { url: string; tls: Tls } {
  const url = new URL(databaseUrl);
  const asked = (name: (typeof OURS)[number]) => url.searchParams.getAll(name).at(-1) || null;
  const unknown = [...url.searchParams.keys()].find(
    (name) => /^ssl|^uselibpqcompat/.test(name) && name !== ITS_OWN && !OURS.some((ours) => ours === name),
  );
  if (unknown !== undefined) refuse(unknown, 'leave it out, Heddle does not know it');
  const tls = tlsOf({
    mode: asked('sslmode'),
    ssl: asked('ssl'),
    root: asked('sslrootcert'),
    cert: asked('sslcert'),
    key: asked('sslkey'),
  });
  const present = OURS.filter((name) => url.searchParams.has(name));
  for (const name of present) url.searchParams.delete(name);
  return { url: present.length === 0 ? databaseUrl : url.href, tls };
}

interface Asked {
  mode: string | null;
  ssl: string | null;
  root: string | null;
  cert: string | null;
  key: string | null;
}

function tlsOf(asked: Asked): Tls {
  const { root, cert, key } = asked;
  const mode = modeOf(asked);
  if (mode === 'disable') return false;
  if ((cert === null) !== (key === null)) refuse('only one of sslcert and sslkey', 'name both, or none');
  return {
    ...trust(mode, root),
    ...(cert === null || key === null
      ? {}
      : readTlsFiles({ ca: null, client: { cert: fileOf('sslcert', cert), key: fileOf('sslkey', key) } })),
  };
}

function modeOf({ mode, ssl, root, cert, key }: Asked): Mode {
  // libpq takes `ssl=true`, JDBC's word, for sslmode=require.
  if (ssl !== null && ssl !== 'true') refuse(`ssl=${ssl}`, `set sslmode to one of ${MODES.join(', ')} instead`);
  const implied = root === 'system' ? 'verify-full' : ssl === 'true' ? 'require' : null;
  const wanted = mode ?? implied;
  if (wanted === null) {
    if (root ?? cert ?? key) refuse('a certificate without sslmode', 'add sslmode=verify-full');
    return 'disable';
  }
  if (wanted === 'prefer' || wanted === 'allow') {
    refuse(`sslmode=${wanted}, which may go on without encryption`, 'set sslmode=require, or disable');
  }
  const known = MODES.find((one) => one === wanted);
  return known ?? refuse(`sslmode=${wanted}`, `set one of ${MODES.join(', ')}`);
}

function trust(mode: Exclude<Mode, 'disable'>, root: string | null): ConnectionOptions {
  if (root === 'system') {
    if (mode !== 'verify-full') refuse(`sslrootcert=system with sslmode=${mode}`, 'set sslmode=verify-full');
    return { ca: getCACertificates('system') };
  }
  if (root === null) {
    if (mode === 'require') return { rejectUnauthorized: false };
    return refuse(
      `sslmode=${mode} without a certificate to trust`,
      "add sslrootcert=<the path of the authority's PEM file>, or sslrootcert=system",
    );
  }
  const { ca } = readTlsFiles({ ca: fileOf('sslrootcert', root), client: null });
  // With an authority named, `require` is `verify-ca`: whoever it signed, whatever their name.
  return mode === 'verify-full' ? { ca } : { ca, checkServerIdentity: () => undefined };
}

function fileOf(name: string, path: string): NamedFile {
  return { setting: `${name} of DATABASE_URL`, path };
}
