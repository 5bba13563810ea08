import { JsonOverHttp } from '../../resilience/json-over-http.js';
import type { Bench } from '../bench.js';
import { DESK_CONVERSATIONS, DESK_MESSAGES_EACH, type Desk, openDesk } from '../desk.js';
import { numbersFrom, word } from '../desk-file.js';
import { type DeskFloor, fillDeskFloor, startDeskFloor } from '../desk-floor.js';
import { type Figure, median, milliseconds, perSecond, times } from '../figures.js';
import { type HammerResult, hammer } from '../hammer.js';
import { type WrkLoad, type WrkResult, wrk } from '../wrk.js';

const LIST_CONNECTIONS = 16;
const SEARCH_CONNECTIONS = 4;
const PAGE = 25;
const LATE_PAGE = 100;
const FILTERS = 'status=open&channel=chat&priority=high';
const LIST_RATIO = 0.6;
const LATE_RATIO = 1.2;
const SEARCH_RATIO = 0.5;
const SEARCH_P95_MS = 50;
/** Words of the middle: each in some hundreds to thousands of a million messages. */
const SEARCHED_RANKS = { from: 60, to: 600 };

const SIZE = `${DESK_CONVERSATIONS.toLocaleString('en-US')} conversations, ${(
  DESK_CONVERSATIONS * DESK_MESSAGES_EACH
).toLocaleString('en-US')} messages`;

/** Rows of the conversation API on a large desk: a filtered list and the full-text search, beside bare SQL. */
export async function deskAtScale(bench: Bench): Promise<Figure[]> {
  const desk = await openDesk(bench);
  let floor: DeskFloor | null = null;
  try {
    await fillDeskFloor(desk.server.databaseUrl);
    floor = await startDeskFloor(desk.server.databaseUrl);
    return await deskRows(bench, desk, floor);
  } finally {
    await floor?.end();
    await desk.server.end();
  }
}

export async function deskRows(bench: Bench, desk: Pick<Desk, 'server' | 'key'>, floor: DeskFloor): Promise<Figure[]> {
  const lists = await filteredList(bench, desk, floor);
  return [...lists, await fullTextSearch(bench, desk, floor, 0), await fullTextSearch(bench, desk, floor, 3)];
}

async function filteredList(bench: Bench, desk: Pick<Desk, 'server' | 'key'>, floor: DeskFloor): Promise<Figure[]> {
  const { cursor, before } = await latePage(desk);
  const load = (port: number, path: string, headers: Record<string, string> = {}): WrkLoad => ({
    port,
    connections: LIST_CONNECTIONS,
    seconds: bench.seconds,
    method: 'GET',
    paths: [path],
    headers,
  });
  const { port } = desk.server.settings;
  const path = `/v1/conversations?${FILTERS}&limit=${PAGE}`;
  const authorized = { Authorization: `Bearer ${desk.key}` };
  const loads = {
    first: load(port, path, authorized),
    late: load(port, `${path}&cursor=${cursor}`, authorized),
    floorFirst: load(floor.port, `/conversations?${FILTERS}&limit=${PAGE}`),
    floorLate: load(floor.port, `/conversations?${FILTERS}&limit=${PAGE}&before=${before}`),
  };
  const rounds: Record<keyof typeof loads, WrkResult[]> = { first: [], late: [], floorFirst: [], floorLate: [] };
  const names = Object.keys(loads) as (keyof typeof loads)[];
  for (const name of names) await wrk({ ...loads[name], seconds: 2 });
  for (let round = 1; round <= bench.rounds; round++) {
    for (const name of names) rounds[name].push(await wrk(loads[name]));
    bench.log(
      `list, round ${round}: ${names.map((name) => `${name} ${perSecond(rounds[name].at(-1)!.rate)}`).join(', ')}`,
    );
  }
  const rate = (name: keyof typeof loads) => median(rounds[name].map((result) => result.rate));
  const failed = names.flatMap((name) => rounds[name]).reduce((sum, result) => sum + result.failed, 0);
  const figure = (what: string, name: 'first' | 'late', floorName: 'floorFirst' | 'floorLate'): Figure => {
    const ratio = rate(name) / rate(floorName);
    const isLate = name === 'late';
    const slower = rate('first') / rate('late');
    return {
      row: 'list with three filters',
      what: `${what} of ${PAGE}, ${SIZE}`,
      value: `${perSecond(rate(name))} = ${times(ratio)}${isLate ? `, the first is ${times(slower)}` : ''}${failed > 0 ? `, ${failed} failed` : ''}`,
      floor: `${perSecond(rate(floorName))} (its own index)`,
      target: `≥ ${LIST_RATIO} ×${isLate ? `, the first ≤ ${LATE_RATIO} ×` : ''}`,
      met: ratio >= LIST_RATIO && failed === 0 && (!isLate || slower <= LATE_RATIO),
      numbers: { rate: rate(name), floor_rate: rate(floorName), ratio, failed },
    };
  };
  return [figure('first page', 'first', 'floorFirst'), figure('100th page', 'late', 'floorLate')];
}

/** The cursor of the 100th page, and the last id before it. */
async function latePage(desk: Pick<Desk, 'server' | 'key'>): Promise<{ cursor: string; before: string }> {
  const client = new JsonOverHttp(desk.server.settings.port, desk.key);
  try {
    let cursor = '';
    let before = '';
    for (let page = 1; page < LATE_PAGE; page++) {
      const { data, next_cursor } = await client.must<{ data: { id: string }[]; next_cursor: string | null }>(
        'GET',
        `/v1/conversations?${FILTERS}&limit=${PAGE}${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      if (next_cursor === null) throw new Error(`the list ends on page ${page}`);
      cursor = next_cursor;
      const hex = data.at(-1)!.id.slice(-32);
      before = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    }
    return { cursor, before };
  } finally {
    client.close();
  }
}

async function fullTextSearch(
  bench: Bench,
  desk: Pick<Desk, 'server' | 'key'>,
  floor: DeskFloor,
  highlights: number,
): Promise<Figure> {
  const { from, to } = SEARCHED_RANKS;
  const searching = (port: number, path: string, headers: Record<string, string>, seed: number) => {
    const next = numbersFrom(seed);
    const any = () => word(from + Math.floor(next() * (to - from)));
    return hammer({
      port,
      connections: SEARCH_CONNECTIONS,
      seconds: bench.seconds,
      headers,
      next: () => ({
        method: 'POST',
        path,
        body: JSON.stringify({ highlights, text: `${any()} ${any()}`, limit: 20 }),
      }),
    });
  };
  const product: HammerResult[] = [];
  const bare: HammerResult[] = [];
  const authorized = { authorization: `Bearer ${desk.key}` };
  for (let round = 0; round <= bench.rounds; round++) {
    const searched = await searching(desk.server.settings.port, '/v1/conversations/search', authorized, round);
    const floored = await searching(floor.port, '/search', {}, round);
    if (round === 0) continue;
    product.push(searched);
    bare.push(floored);
    bench.log(
      `search, round ${round}: ${perSecond(searched.rate)}, p95 ${milliseconds(searched.p95Ms)}; floor ${perSecond(floored.rate)}`,
    );
  }
  const rate = median(product.map((result) => result.rate));
  const floorRate = median(bare.map((result) => result.rate));
  const p95 = median(product.map((result) => result.p95Ms));
  const floorP95 = median(bare.map((result) => result.p95Ms));
  const failed = product.reduce((sum, result) => sum + result.failed, 0);
  return {
    row: 'full-text search',
    what: `two words, ${highlights === 0 ? 'no highlights' : `${highlights} highlights of each of 20`}, ${SEARCH_CONNECTIONS} connections, ${SIZE}`,
    value: `${perSecond(rate)} = ${times(rate / floorRate)}, p95 ${milliseconds(p95)}${failed > 0 ? `, ${failed} failed` : ''}`,
    floor: `${perSecond(floorRate)}, p95 ${milliseconds(floorP95)} (a GIN index)`,
    target: `≥ ${SEARCH_RATIO} ×, p95 ≤ ${SEARCH_P95_MS} ms`,
    met: rate >= SEARCH_RATIO * floorRate && p95 <= SEARCH_P95_MS && failed === 0,
    numbers: { rate, floor_rate: floorRate, ratio: rate / floorRate, p95_ms: p95, floor_p95_ms: floorP95, failed },
  };
}
