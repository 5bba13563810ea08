import { answerText, tableText } from './answer-text.js';

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

  it('cuts the widest columns to the terminal, and never the id', () => {
    const id = `conv_${'0'.repeat(32)}`;
    const lines = tableText([{ id, text: 'x'.repeat(300), at: '2026-11-21' }], 72).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(72);
    expect(lines[1]).toContain(id);
    expect(lines[1]).toContain('x…  2026-11-21');
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
