/** Why tests that need these cannot run, in one text; undefined where they can. With CI=true they must. */
export function whatIsMissing(...found: object[]): string | undefined {
  const missing = found.flatMap((one) => ('missing' in one ? [String(one.missing)] : []));
  if (missing.length === 0) return undefined;
  if (process.env.CI === 'true') throw new Error(`CI must run these tests, and cannot for ${missing.join('; ')}`);
  return missing.join('; ');
}

/**
 * `describe`, where nothing is missing; else its tests are skipped, and their title says why, such as `want of a Caddy:
 * install it.` What begins so stands at the end of the run, too.
 */
export function describeWith(name: string, missing: string | undefined, tests: () => void): void {
  if (missing === undefined) describe(name, tests);
  else describe.skip(`${name} (${missing})`, tests);
}
