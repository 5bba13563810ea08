import { answerText, tableText } from './answer-text.js';
import { displayWidth } from './display-width.js';

describe('An answer as text', () => {
  it('shows a page of a list as a table, with nested fields by their paths', () => {
    const page = {
      data: [
        { id: 'conv_1', title: 'A title', assignee: { type: 'user', id: 'usr_1' }, labels: ['a', 'b'] },
        { id: 'conv_22', title: null, assignee: null, labels: [] },
      ],
      next_cursor: null,
    };
    expect(answerText(page, null).split('\n')).toEqual([
      'id       title    assignee.type  assignee.id  labels',
      'conv_1   A title  user           usr_1        a, b',
      'conv_22  -        -              -',
    ]);
    expect(answerText({ data: [], next_cursor: null }, 80)).toBe('None.');
  });

  const idOf = (prefix: string, n: number) => `${prefix}_${String(n).repeat(32)}`;
  const at = (minute: number) => `2026-03-03T14:4${minute}:00.000Z`;
  const texts = ['One more question: which reed for a scarf in that wool?', 'Ten dents an inch, and beat lightly.'];
  const messages = texts.map((text, n) => ({
    id: idOf('msg', n),
    conversation_id: idOf('conv', 7),
    author: { type: n === 0 ? 'customer' : 'user', id: idOf('cus', n) },
    channel: 'chat',
    text,
    choices: n === 0 ? [{ block_id: 'a block that has a very long name, longer than the text is' }] : [],
    occurred_at: at(n),
    recorded_at: at(n),
  }));

  it('is never wider than the terminal', () => {
    const wide = messages.map((message) => ({ ...message, title: '織物'.repeat(40), note: '🧶'.repeat(30) }));
    for (const rows of [messages, wide]) {
      for (let columns = 1; columns < 400; columns += 3) {
        for (const line of tableText(rows, columns).split('\n'))
          expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      }
    }
  });

  it('gives the room to the text, behind short ids, and leaves out what says the least', () => {
    expect(tableText(messages, 80).split('\n')).toEqual([
      'id          author.type  text',
      'msg_…00000  customer     One more question: which reed for a scarf in that wool?',
      'msg_…11111  user         Ten dents an inch, and beat lightly.',
    ]);
    expect(tableText(messages, 110).split('\n')).toEqual([
      'id          author.type  occurred_at               text',
      `msg_…00000  customer     ${at(0)}  ${texts[0]}`,
      `msg_…11111  user         ${at(1)}  ${texts[1]}`,
    ]);
    expect(tableText(messages, 60).split('\n')[1]).toBe('msg_…00000  customer     One more question: which reed for …');
  });

  it('shows the whole id of each row where there is room for it', () => {
    expect(tableText(messages, 140).split('\n')[1]).toBe(`${messages[0]!.id}  customer     ${at(0)}  ${texts[0]}`);
  });

  it('is the whole table in its own order where that fits', () => {
    expect(tableText(messages, 1000)).toBe(tableText(messages, null));
  });

  it('leaves out what is empty in all rows, where somebody looks', () => {
    const rows = [
      { id: 'a', title: null, labels: [], text: 'x' },
      { id: 'b', title: null, labels: [], text: null },
    ];
    expect(tableText(rows, 72).split('\n')[0]).toBe('id  text');
    expect(tableText(rows, null).split('\n')[0]).toBe('id  title  labels  text');
  });

  it('cuts nothing where nobody looks: a pipe gets whole values', () => {
    expect(tableText([{ text: 'x'.repeat(300) }], null)).toContain('x'.repeat(300));
  });

  it('shows one thing field by field, and a list in it as a table below', () => {
    const text = answerText({ id: 'conv_1', by: { id: 'usr_1' }, messages: [{ id: 'msg_1', text: 'hello' }] }, 80);
    expect(text).toBe('id     conv_1\nby.id  usr_1\n\nmessages\nid     text\nmsg_1  hello');
  });

  it('lets no control character of a stranger reach the terminal', () => {
    const text = answerText({ title: 'a\u001b[31mred\u0007\r\nb\u009b2J' }, null);
    expect(text).toBe('title  a [31mred b 2J');
  });
});
