import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cruise, type ICruiseOptions, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import { repositoryRoot } from './repository-root.js';

export interface Breach {
  rule: string;
  /** `from → to`, and for a circle the whole way round. */
  where: string;
  sentence: string;
}

interface Configuration {
  forbidden: (IForbiddenRuleType & { name: string; comment: string })[];
  options: ICruiseOptions & { enhancedResolveOptions: object };
}

export async function importRules(): Promise<Configuration> {
  const file = pathToFileURL(join(repositoryRoot, '.dependency-cruiser.mjs')).href;
  return (await import(file)).default as Configuration;
}

/** Everything below the folders of `baseDir` that breaks a rule, and how many files were looked at. */
export async function breachesIn(
  baseDir: string,
  folders: readonly string[],
): Promise<{ breaches: Breach[]; files: number }> {
  const { forbidden, options } = await importRules();
  const present = folders.filter((folder) => existsSync(join(baseDir, folder)));
  const { output } = await cruise(present, { ...options, baseDir, validate: true, ruleSet: { forbidden } }, {
    ...options.enhancedResolveOptions,
  } as never);
  const result = output as ICruiseResult;
  const sentences = new Map(forbidden.map(({ name, comment }) => [name, comment]));
  const breaches = result.summary.violations.map(({ rule, from, to, cycle }) => ({
    rule: rule.name,
    where: [from, ...(cycle?.map(({ name }) => name) ?? [to])].join(' → '),
    sentence: sentences.get(rule.name)!,
  }));
  return { breaches, files: result.modules.filter(({ source }) => source.endsWith('.ts')).length };
}
