import { execFileSync } from 'node:child_process';

/** Why the tests of deploy/Caddyfile are skipped; undefined where they are not. */
export function missingFrontProxy() {
  try {
    execFileSync('caddy', ['version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'want of a Caddy: install it (Debian, Ubuntu: apt-get install caddy).';
  }
}
