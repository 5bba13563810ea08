import { setTimeout as sleep } from 'node:timers/promises';
import { uuidOf } from '../../checker.js';
import { JsonOverHttp } from '../../json-over-http.js';
import { heddle } from '../heddle-command.js';
import type { Installation } from '../installation.js';
import { onKafka } from '../kafka-scenario.js';

const READ_MODEL = 'conversation_facts';
const PASSED_WITHIN_MS = 30_000;
/** Judged where nothing else runs beside; half a second there. */
const TOO_LATE_MS = 1000;
const BEHIND_IN_ITS_STREAM = 5;
/** Each in the partition that its id says: some behind the poison event, most beside it. */
const OTHER_STREAMS = 12;

interface Facts {
  messages: number;
  assignments: number;
  last_seq: number;
}

/**
 * A fault is planted in analytics, by which it cannot apply one event: the assignment of one conversation. What lies
 * behind it in its partition has to pass; then the fault is mended, and the event is applied again.
 */
export const poison = onKafka({
  name: 'kafka-poison',
  title:
    'an event in the middle of a partition that analytics cannot apply: the others pass, and it is re-driven later',
  services: ['relay', 'access', 'conversation', 'analytics'],
  async fault({ n, on, workspace, alone, over, problem }) {
    const { key, customer, users } = workspace;
    const api = new JsonOverHttp(on.port, key);
    const once = () => ({ 'idempotency-key': crypto.randomUUID() });
    const opened = { customer_id: customer, channel: 'web' };
    const open = async () => (await api.must<{ id: string }>('POST', '/v1/conversations', opened, once())).id;
    const id = await open();
    const others = await Promise.all(Array.from({ length: OTHER_STREAMS }, open));
    await on.rows(
      `alter table analytics.${READ_MODEL} add constraint planted
         check (conversation <> '${uuidOf(id)}' or assignments = 0) not valid`,
    );
    const assignment = { assignee: { type: 'user', id: users[0] } };
    const { seq } = await api.must<{ seq: number }>('POST', `/v1/conversations/${id}/assign`, assignment, once());
    over();
    const began = performance.now();
    const message = { author: { type: 'customer', id: customer }, type: 'text', text: 'What comes after it' };
    const say = (to: string) => api.must<{ seq: number }>('POST', `/v1/conversations/${to}/messages`, message, once());
    const [behind, ...beside] = await Promise.all([
      Promise.all(Array.from({ length: BEHIND_IN_ITS_STREAM }, () => say(id))),
      ...others.map(say),
    ]);
    const last = Math.max(...behind.map((one) => one.seq));
    const [passed] = await Promise.all([
      factsOnceAt(on, id, last),
      ...others.map((other, i) => factsOnceAt(on, other, beside[i]!.seq)),
    ]);
    const took = performance.now() - began;
    api.close();
    if (alone && took > TOO_LATE_MS)
      problem(
        `try ${n + 1}: what lies behind the poison event took ${Math.round(took)} ms, and at most ${TOO_LATE_MS} are right`,
      );
    if (passed.assignments !== 0) problem(`try ${n + 1}: the poison event was applied`);

    const listed = JSON.parse(await heddle(on, 'projection', 'dead-letters', READ_MODEL, '--json')) as {
      cause: string;
    }[];
    if (listed.length !== 1 || !listed[0]!.cause.includes('planted')) {
      problem(`try ${n + 1}: dead-letters says ${JSON.stringify(listed)}, and one with the cause "planted" is right`);
    }
    await on.rows(`alter table analytics.${READ_MODEL} drop constraint planted`);
    await heddle(on, 'projection', 'redrive', READ_MODEL);
    const mended = await factsOnceAt(on, id, last);
    if (mended.assignments !== 1 || mended.messages !== BEHIND_IN_ITS_STREAM) {
      problem(`try ${n + 1}: with event ${seq} re-driven, analytics has ${JSON.stringify(mended)}`);
    }
    return took;
  },
});

async function factsOnceAt(on: Installation, conversation: string, seq: number): Promise<Facts> {
  for (const deadline = performance.now() + PASSED_WITHIN_MS; ; await sleep(10)) {
    const [facts] = await on.rows<Facts>(
      `select messages, assignments, last_seq from analytics.${READ_MODEL} where conversation = $1`,
      [uuidOf(conversation)],
    );
    if (facts !== undefined && facts.last_seq >= seq) return facts;
    if (performance.now() > deadline) {
      throw new Error(`analytics did not pass the poison event within ${PASSED_WITHIN_MS} ms`);
    }
  }
}
