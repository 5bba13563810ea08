import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from './repository-files.js';
import { repositoryRoot } from './repository-root.js';

/** In two pieces, so that this file is not one that holds them. */
const PUBLIC = [
  ['registry.', 'npmjs.org'],
  ['registry.', 'yarnpkg.com'],
  ['npm.pkg.', 'github.com'],
  ['pypi.', 'org'],
  ['files.', 'pythonhosted.org'],
  ['proxy.', 'golang.org'],
  ['repo1.', 'maven.org'],
  ['repo.maven.', 'apache.org'],
  ['index.', 'crates.io'],
].map((pieces) => pieces.join(''));

/** The mirrors of the machine that this runs on, which an install may have written down. */
function ownHosts(environment: Record<string, string | undefined>): string[] {
  const urls = ['npm_config_registry', 'NPM_CONFIG_REGISTRY', 'PIP_INDEX_URL', 'GOPROXY'].map(
    (name) => environment[name],
  );
  return urls
    .flatMap((url) => (url ?? '').split(/[,|]/))
    .filter((url) => URL.canParse(url))
    .map((url) => new URL(url).host)
    .filter((host) => host !== '' && !/^(localhost|127\.)/.test(host));
}

function hostsIn(text: string, hosts: readonly string[]): string[] {
  return hosts.filter((host) => text.includes(host));
}

describe('the repository installs from wherever its reader installs', () => {
  it('so no file holds the host of a package registry', () => {
    const hosts = [...PUBLIC, ...ownHosts(process.env)];
    const files = filesBelow(repositoryRoot);
    expect(files).toContain('package-lock.json');
    const found = files.flatMap((path) =>
      hostsIn(readFileSync(join(repositoryRoot, path), 'latin1'), hosts).map((host) => `${path}: ${host}`),
    );
    expect(found).toEqual([]);
  });

  it('and the lock file says what to install, not from where', () => {
    const lock = JSON.parse(readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8'));
    const located = Object.entries<{ resolved?: string }>(lock.packages).filter(([, { resolved }]) =>
      resolved?.includes('://'),
    );
    expect(located.map(([path]) => path)).toEqual([]);
  });

  it('a planted host is seen, and a mirror in the environment is one', () => {
    expect(hostsIn(`"resolved": "https://${PUBLIC[0]}/avsc/-/avsc-5.7.9.tgz"`, PUBLIC)).toEqual([PUBLIC[0]]);
    expect(
      ownHosts({ GOPROXY: 'https://mirror.example:8443/go,direct', PIP_INDEX_URL: 'http://127.0.0.1/simple' }),
    ).toEqual(['mirror.example:8443']);
  });
});
