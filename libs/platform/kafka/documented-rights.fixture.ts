import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../postgres/package-root.js';
import { Topics } from './topics.js';

/** One right as docs/kafka.md gives it; the names are those of Kafka's admin protocol, `DESCRIBE_CONFIGS`. */
export interface DocumentedRight {
  who: 'relay' | 'services' | 'others' | 'producers';
  resource: 'TOPIC' | 'GROUP' | 'TRANSACTIONAL_ID';
  name: string;
  pattern: 'PREFIXED' | 'LITERAL';
  operation: string;
}

const RESOURCES = { topics: 'TOPIC', groups: 'GROUP', 'transactional ids': 'TRANSACTIONAL_ID' } as const;
const OPTIONS = { topic: 'TOPIC', group: 'GROUP', 'transactional-id': 'TRANSACTIONAL_ID' } as const;

const ROW =
  /^\| (relay|services|others|producers) \| (topics|groups|transactional ids) (with the prefix )?`(.+?)`.* \| (.+) \|$/gm;
const COMMAND = /^\$add --allow-principal User:heddle-(relay|services|others|producers) (.*)$/gm;

/** The one that the commands name. */
export const DOCUMENTED_WORKSPACE = 'wsp_0198f2c0a1b27c3d8e4f5a6b7c8d9e05';

function page(): string {
  return readFileSync(join(packageRoot, 'docs/kafka.md'), 'utf8');
}

function operationOf(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

/** What the table of docs/kafka.md says. */
export function rightsOfTable(): DocumentedRight[] {
  const topics = new Topics().all;
  return [...page().matchAll(ROW)].flatMap(([, who, resource, prefixed, name, operations]) => {
    const names = name!.includes('<domain>')
      ? topics.map((topic) => name!.replace(/^heddle\.<domain>/, topic))
      : [name!.replace('<workspace>', DOCUMENTED_WORKSPACE)];
    return names.flatMap((each) =>
      operations!.split(', ').map((operation) => ({
        who: who as DocumentedRight['who'],
        resource: RESOURCES[resource as keyof typeof RESOURCES],
        name: each,
        pattern: prefixed === undefined ? ('LITERAL' as const) : ('PREFIXED' as const),
        operation: operationOf(operation),
      })),
    );
  });
}

/** What its commands give. */
export function rightsOfCommands(): DocumentedRight[] {
  const text = page().replaceAll(/\\\n\s*/g, '');
  return [...text.matchAll(COMMAND)].flatMap(([, who, line]) => {
    const pattern = line!.includes('--resource-pattern-type prefixed') ? ('PREFIXED' as const) : ('LITERAL' as const);
    const operations = [...line!.matchAll(/--operation (\S+)/g)].map((match) => operationOf(match[1]!));
    return [...line!.matchAll(/--(topic|group|transactional-id) (\S+)/g)].flatMap(([, option, name]) =>
      operations.map((operation) => ({
        who: who as DocumentedRight['who'],
        resource: OPTIONS[option as keyof typeof OPTIONS],
        name: name!,
        pattern,
        operation,
      })),
    );
  });
}
