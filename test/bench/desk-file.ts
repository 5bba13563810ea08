/** A made-up language: words by how often they are said, the most frequent first. */
const SYLLABLES = ['ba', 'co', 'di', 'fe', 'gu', 'ka', 'lo', 'mi', 'ne', 'pu', 'ra', 'so', 'ti', 'va', 'we', 'zo'];
const VOCABULARY = 20_000;
const CHANNELS = ['email', 'chat', 'sms', 'phone'];
const START = Date.parse('2024-01-01T00:00:00.000Z');

/** The word of a rank, from 1. No word is the beginning of many others: all have three syllables or four. */
export function word(rank: number): string {
  let text = '';
  for (let rest = rank + 4096, n = 0; n < 4; n++, rest >>= 4) text += SYLLABLES[rest & 15];
  return text;
}

/** Numbers in [0, 1), the same from the same seed (mulberry32, by Tommy Ettinger; public domain). */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A text whose words are as frequent as Zipf's law has them: the word of rank r once for each r-th of the first. */
function text(next: () => number, words: number): string {
  const said: string[] = [];
  for (let i = 0; i < words; i++) said.push(word(Math.max(1, Math.floor(VOCABULARY ** next()))));
  return said.join(' ');
}

/**
 * A desk's history as NDJSON in the shape that the import takes, a piece at a time: conversations of so many messages each
 * on four channels, half of them closed at the end.
 */
export function* deskFile(conversations: number, messagesEach: number, seed = 7): Generator<string> {
  const next = numbersFrom(seed);
  let lines: string[] = [];
  for (let n = 0; n < conversations; n++) {
    const customer = `customer_${n % 5000}`;
    const isClosed = n % 2 === 0;
    const messages = Array.from({ length: messagesEach }, (_, i) => ({
      id: `m_${n}_${i}`,
      at: new Date(START + n * 60_000 + i * 1000).toISOString(),
      author: i % 2 === 0 ? { type: 'customer', id: customer } : { type: 'agent', id: `agent_${n % 50}` },
      text: text(next, 24),
      ...(isClosed && i === messagesEach - 1 ? { resolves: true } : {}),
    }));
    const channel = CHANNELS[Math.floor(next() * CHANNELS.length)]!;
    lines.push(JSON.stringify({ organization: 'desk', conversation: `c_${n}`, channel, customer, messages }));
    if (lines.length === 500) {
      yield `${lines.join('\n')}\n`;
      lines = [];
    }
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}
