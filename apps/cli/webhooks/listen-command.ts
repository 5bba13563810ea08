import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { newSecret, secretKey } from '../../../libs/domains/webhooks/sending/secret-text.js';
import { UsageError } from '../../../libs/platform/operations/command-line.js';
import { followEach } from '../follow-lines.js';
import type { Surroundings } from '../operation-command.js';
import { printableText } from '../printable-json.js';
import { keyFor, serverUrl } from '../server-address.js';
import { writeLine } from '../terminal.js';
import { eventOfLine } from './event-line.js';
import { forwardEvent } from './forward-event.js';

interface ListenOptions {
  forwardTo: string;
  type?: string[];
  customer?: string;
  pin?: string;
  since?: string;
  secret?: string;
}

/** Commands for whoever writes a receiver. */
export function addWebhooks(program: Command, surroundings: Surroundings): void {
  const collect = (value: string, before: string[] = []) => [...before, value];
  program
    .command('webhooks')
    .summary('listen')
    .helpCommand(false)
    .command('listen')
    .summary('send what happens to a program on this machine, as webhooks')
    .description(
      'Send what happens to a program on this machine, as webhooks: the same bodies and signatures, one after the other, each tried four times. No endpoint is made, and nothing has to reach this machine from outside. A line an event says what the program answered.\n\nScopes: events:read',
    )
    .requiredOption('--forward-to <url>', 'where to, such as http://localhost:3000/hooks')
    .option('--type <type>', 'events of this type, group, or noun (message.*) (can be repeated)', collect)
    .option('--customer <id>', 'of this customer, about them, and of their conversations')
    .option('--pin <versions>', 'in these versions, such as message.created@1.0')
    .option('--since <place>', 'from there on: beginning, now, now-1h, a time, or a cursor (default: now)')
    .option('--secret <secret>', 'sign with this one: whsec_… (default: a new one, which is printed)')
    .action((options: ListenOptions) => listen(options, surroundings));
}

async function listen(options: ListenOptions, { env, terminal, fetch: ask = fetch, sleep = pause }: Surroundings) {
  const { forwardTo: to, type, customer, pin, since } = options;
  if (!URL.canParse(to) || !/^https?:$/.test(new URL(to).protocol)) {
    throw new UsageError(`--forward-to is "${to}": give a URL such as http://localhost:3000/hooks.`);
  }
  const text = options.secret ?? newSecret();
  const secret = secretKey(text);
  if (secret === null) throw new UsageError('--secret is not whsec_ and 24 to 64 bytes in base64.');
  const url = serverUrl(env);
  const key = keyFor('workspace', url, env);
  const asked = { type: type?.join(','), customer, pin, since };
  const given = Object.entries(asked).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (options.secret === undefined) await writeLine(terminal.err, `Signed with ${text}`);
  await writeLine(terminal.err, `What happens goes to ${to}; Ctrl-C ends it.`);
  const following = {
    url,
    key,
    path: '/v1/events/stream',
    query: new URLSearchParams(given),
    terminal,
    fetch: ask,
    sleep,
  };
  return followEach(following, async (line) => {
    const event = eventOfLine(line);
    if (event === null) return;
    const { status, attempts, ms, taken } = await forwardEvent(event, { to, secret, fetch: ask, sleep });
    const after =
      taken && attempts === 1 ? '' : taken ? ` at attempt ${attempts}` : `, not taken in ${attempts} attempts`;
    const said = `${event.occurredAt} ${event.type} ${event.id} ${status} ${ms} ms${after}`;
    await writeLine(terminal.out, printableText(said));
  });
}
