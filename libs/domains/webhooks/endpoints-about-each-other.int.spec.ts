import { until } from '../../platform/testing/until.js';
import { Scene } from './scene.fixture.js';

/** More events than this are no answer to one that happened elsewhere. */
const TOO_MANY = 12;

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.begin();
});
afterEach(() => scene.end());

/** In one look: how many events there are, and whether nothing can become of them any more. */
async function look(): Promise<{ events: number; isQuiet: boolean }> {
  const { rows } = await scene.ports.installation.query<{ events: number; quiet: boolean }>({
    text: `
      select (select count(*)::integer from log.events) as events,
             not exists (select from webhooks.fresh)
             and not exists (select from webhooks.waiting where not (state = 'behind' or (state = 'parked' and told)))
             and exists (select from webhooks.projections
                          where name = 'fan_out' and next > (select max(position) from log.events)) as quiet`,
  });
  return { events: rows[0]!.events, isQuiet: rows[0]!.quiet };
}

async function untilQuiet(): Promise<void> {
  await until(async () => {
    const { events, isQuiet } = await look();
    return isQuiet || events > TOO_MANY;
  });
}

/** How many events of each type there are. */
async function log(): Promise<Record<string, number>> {
  const { rows } = await scene.ports.installation.query<{ type: string; count: number }>({
    text: 'select type, count(*)::integer as count from log.events group by type order by type',
  });
  return Object.fromEntries(rows.map(({ type, count }) => [type, count]));
}

/** Of what came, nothing is about whom it came to. */
function expectNobodyToldOfItself(): void {
  expect(scene.receiver.received.length).toBeGreaterThan(0);
  for (const { headers, body } of scene.receiver.received) {
    expect([body.stream, body.data.endpoint_id]).not.toContain(headers['heddle-endpoint']);
  }
}

it('two endpoints that want everything and take nothing tell each other of their dead letters, and not of those of these', async () => {
  const [one, two] = [await scene.endpoint({ types: ['*'] }), await scene.endpoint({ types: ['*'] })];
  await scene.label();
  await untilQuiet();
  expect(await log()).toEqual({
    'label.created': 1,
    'webhook_endpoint.created': 2,
    // Of each: the label, and the other's dead letter of it; and of the first, that the second was made.
    'webhook_message.dead_lettered': 5,
  });
  expectNobodyToldOfItself();
  const toldOf = (endpoint: string) =>
    new Set(
      scene.receiver.received
        .filter(({ headers }) => headers['heddle-endpoint'] === endpoint)
        .map(({ body }) => [body.type, body.data.event_type, body.data.endpoint_id].filter(Boolean).join(' ')),
    );
  expect([toldOf(one), toldOf(two)]).toEqual([
    new Set(['label.created', 'webhook_endpoint.created', `webhook_message.dead_lettered label.created ${two}`]),
    new Set(['label.created', `webhook_message.dead_lettered label.created ${one}`]),
  ]);
});

it('two that ask for order as well park each their lanes, and no lane for a lane', async () => {
  const settings = { types: ['*'], ordered: true };
  const [one, two] = [await scene.endpoint(settings), await scene.endpoint(settings)];
  const stream = await scene.label();
  await scene.label(stream);
  await untilQuiet();
  expect(await log()).toEqual({
    'label.created': 1,
    'label.renamed': 1,
    'webhook_endpoint.created': 2,
    // Of each: the label's lane, and the lane of the other endpoint's own events.
    'webhook_endpoint.lane_parked': 4,
  });
  expectNobodyToldOfItself();
  // The label's two events, of the other endpoint that its label's lane is parked, and for the first that the second was made.
  expect([await scene.rows('waiting', one), await scene.rows('waiting', two)]).toEqual([4, 3]);
  for (const endpoint of [one, two]) {
    expect((await scene.eventsOn(endpoint)).slice(1)).toEqual(Array(2).fill('webhook_endpoint.lane_parked'));
  }
});
