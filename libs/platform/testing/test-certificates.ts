import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate and its key, as paths of PEM files. */
export interface CertificateFiles {
  cert: string;
  key: string;
}

/** An authority of a test, made by openssl in a folder: who trusts `ca` trusts what it issues. */
export class TestAuthority {
  readonly ca: string;
  private readonly key: string;

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    this.ca = join(folder, 'ca.pem');
    this.key = join(folder, 'ca.key');
    openssl(
      'req',
      '-x509',
      '-newkey',
      ...P256,
      '-nodes',
      '-subj',
      '/CN=test authority',
      '-days',
      '2',
      '-keyout',
      this.key,
      '-out',
      this.ca,
    );
  }

  /** `names` as in a subjectAltName: `DNS:localhost,IP:127.0.0.1`; `kind` as openssl's -newkey has it. */
  issue(name: string, names: string, kind: readonly string[] = P256): CertificateFiles {
    const file = (ending: string) => join(this.folder, `${name}.${ending}`);
    const [cert, key, request, extensions] = [file('pem'), file('key'), file('csr'), file('ext')];
    openssl('req', '-new', '-newkey', ...kind, '-nodes', '-subj', `/CN=${name}`, '-keyout', key, '-out', request);
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    const signing = ['-CA', this.ca, '-CAkey', this.key, '-CAcreateserial', '-days', '2', '-extfile', extensions];
    openssl('x509', '-req', '-in', request, ...signing, '-out', cert);
    return { cert, key };
  }
}

const P256 = ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
