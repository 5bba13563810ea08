import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { pemFile } from './pem-file.js';
import { SettingsError } from './setting.js';

/** A PEM file, and the setting that names it. */
export interface NamedFile {
  setting: string;
  path: string;
}

export interface TlsFiles {
  /** Whom to trust; null: the authorities that Node.js trusts. */
  ca: NamedFile | null;
  /** Who we are; null: nobody. */
  client: { cert: NamedFile; key: NamedFile } | null;
}

/** RFC 7468; `TRUSTED` and `X509` are OpenSSL's own. */
const CERTIFICATES =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;
const LOCKED = /^(-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED)/m;

/**
 * What the files hold, as node:tls takes it. Throws SettingsError of one line, with the setting and the fix, where TLS
 * could not use one: node:tls itself passes over an authority that is none, and tells of the others at each connection.
 */
export function readTlsFiles({ ca, client }: TlsFiles): { ca?: string; cert?: string; key?: string } {
  const trusted = ca === null ? {} : { ca: authorities(ca) };
  if (client === null) return trusted;
  const { cert, key } = client;
  const [certText, keyText] = [pemFile(cert.setting, cert.path), pemFile(key.setting, key.path)];
  const first = certificatesOf(certText, cert, 'name the file of the certificate')[0]!;
  if (!first.checkPrivateKey(privateKeyOf(keyText, key))) {
    throw refusal(key, `is not the key of the certificate of ${cert.setting}`, 'name the one that it was made with');
  }
  const ours = { cert: certText, key: keyText };
  try {
    createSecureContext({ ...trusted, ...ours });
  } catch (error) {
    throw refusal(cert, `cannot be used (${oneLine(error)})`, `correct it, or the key of ${key.setting}`);
  }
  return { ...trusted, ...ours };
}

function authorities(file: NamedFile): string {
  const text = pemFile(file.setting, file.path);
  certificatesOf(text, file, "name the file of the authority's certificate");
  return text;
}

/** At least one. */
function certificatesOf(text: string, file: NamedFile, fix: string): X509Certificate[] {
  const blocks = text.match(CERTIFICATES);
  if (blocks === null) throw refusal(file, 'holds no certificate', fix);
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw refusal(file, `holds a certificate that cannot be read (${oneLine(error)})`, fix);
    }
  });
}

function privateKeyOf(text: string, file: NamedFile): KeyObject {
  if (LOCKED.test(text)) {
    throw refusal(file, 'is locked by a passphrase', 'name a key without one (openssl pkey -in <it> -out <other>)');
  }
  try {
    return createPrivateKey(text);
  } catch (error) {
    throw refusal(file, `holds no private key (${oneLine(error)})`, 'name the file of the private key');
  }
}

function refusal({ setting, path }: NamedFile, what: string, fix: string): SettingsError {
  return new SettingsError(`${setting}: ${path} ${what}: ${fix}.`);
}

function oneLine(error: unknown): string {
  return (error as Error).message.split('\n')[0]!.slice(0, 200);
}
