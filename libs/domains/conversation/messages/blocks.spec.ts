import { type Block, blocksField, chosenFrom, plainTextOf, whyUnfit } from './blocks.js';

const reply: Block = { type: 'quick_reply', id: 'yes', label: 'Yes, please' };
const button: Block = { type: 'button', id: 'order', label: 'Order', value: 'order-7' };
const link: Block = { type: 'button', id: 'shop', label: 'To the shop', url: 'https://example.org/shop' };
const name: Block = { type: 'form_field', id: 'name', label: 'Your name', kind: 'text', required: true };
const size: Block = {
  type: 'form_field',
  id: 'size',
  label: 'Width',
  kind: 'select',
  required: false,
  options: [
    { value: 's', label: '20 cm' },
    { value: 'm', label: '30 cm' },
  ],
};
const field = (kind: 'email' | 'number' | 'date' | 'checkbox'): Block => ({
  type: 'form_field',
  id: kind,
  label: kind,
  kind,
  required: false,
});

describe('what stands together in a message', () => {
  it.each<[string, Block[], RegExp]>([
    ['two blocks of one id', [reply, { ...button, id: 'yes' }], /Two blocks have the id yes/],
    ['a select without options', [{ ...size, options: undefined }], /size has no options/],
    ['options of what is no select', [{ ...name, options: [{ value: 'a', label: 'A' }] }], /name is no select/],
  ])('not %s', (_, blocks, sentence) => {
    expect(whyUnfit(blocks)).toMatch(sentence);
  });

  it('anything else', () => {
    expect(whyUnfit([reply, button, link, name, size, { type: 'divider' }])).toBeNull();
  });

  it.each([
    ['an address that is not https', { ...link, url: 'javascript:alert(1)' }],
    ['an address that breaks out of an attribute', { ...link, url: 'https://example.org/"onload="x' }],
    ['a block of another kind', { type: 'video', url: 'https://example.org' }],
    ['a field that it does not have', { ...reply, colour: 'red' }],
  ])('%s fits no schema', (_, block) => {
    expect(blocksField.safeParse([block]).success).toBe(false);
  });
});

it('is shown as lines where blocks are not', () => {
  const blocks: Block[] = [
    { type: 'text', text: 'We have two:' },
    { type: 'list', style: 'numbered', items: ['Merino', 'Linen'] },
    { type: 'list', style: 'bulleted', items: ['soft'] },
    { type: 'divider' },
    { type: 'image', url: 'https://example.org/a.png', alt: 'Two yarns' },
    reply,
    name,
  ];
  expect(plainTextOf(blocks)).toBe('We have two:\n1. Merino\n2. Linen\n• soft\nTwo yarns\nYes, please\nYour name');
});

describe('a choice', () => {
  const blocks = [reply, button, link, name, size, field('email'), field('number'), field('date'), field('checkbox')];

  it.each([
    ['a quick reply is chosen by its label', [{ block_id: 'yes' }], [{ block_id: 'yes', value: 'Yes, please' }]],
    ['a button by its value', [{ block_id: 'order', value: 'order-7' }], [{ block_id: 'order', value: 'order-7' }]],
    [
      'a form by its fields',
      [
        { block_id: 'name', value: 'Ada' },
        { block_id: 'size', value: 'm' },
        { block_id: 'email', value: 'ada@example.org' },
        { block_id: 'number', value: 0 },
        { block_id: 'date', value: '2024-02-29' },
        { block_id: 'checkbox', value: false },
      ],
      [
        { block_id: 'name', value: 'Ada' },
        { block_id: 'size', value: 'm' },
        { block_id: 'email', value: 'ada@example.org' },
        { block_id: 'number', value: 0 },
        { block_id: 'date', value: '2024-02-29' },
        { block_id: 'checkbox', value: false },
      ],
    ],
  ])('%s', (_, choices, expected) => {
    expect(chosenFrom(blocks, choices)).toEqual(expected);
  });

  it.each<[string, Parameters<typeof chosenFrom>[1], RegExp]>([
    ['of what is not there', [{ block_id: 'no' }], /no choice no/],
    ['of a button that leads away', [{ block_id: 'shop' }], /no choice shop/],
    ['with another value', [{ block_id: 'order', value: 'order-8' }], /not the one/],
    ['named twice', [{ block_id: 'yes' }, { block_id: 'yes' }], /twice/],
    ['without what the form requires', [{ block_id: 'size', value: 's' }], /requires name/],
    ['of no option', [{ block_id: 'size', value: 'xl' }], /one of its options/],
    ['of no text', [{ block_id: 'name', value: 7 }], /a text/],
    ['of nothing', [{ block_id: 'name' }], /a text/],
    ['of no address', [{ block_id: 'email', value: 'ada' }], /e-mail/],
    ['of no number', [{ block_id: 'number', value: '7' }], /a number/],
    ['of no day', [{ block_id: 'date', value: '2023-02-29' }], /a date/],
    ['of no mark', [{ block_id: 'checkbox', value: 'true' }], /true or false/],
  ])('%s is refused', (_, choices, sentence) => {
    expect(chosenFrom(blocks, choices)).toMatch(sentence);
  });
});
