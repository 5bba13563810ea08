import { emojiField, requireEmoji } from './emoji.js';

const fits = (emoji: string) => emojiField.safeParse(emoji).success;

it.each(['👍', '👍🏽', '❤️', '1️⃣', '#️⃣', '🇳🇱', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '👩🏽‍❤️‍💋‍👨🏿', '🧵', ':thumbs_up:', ':+1:', ':e-mail:'])(
  '%s is an emoji',
  (emoji) => {
    expect(fits(emoji)).toBe(true);
    expect(() => requireEmoji(emoji)).not.toThrow();
  },
);

it.each(['Ада', '👍👍', '山田太郎', '1\u200d', '\u200d', '❤\u200d', '🇽🇽'])('%s fits the schema and is none', (text) => {
  expect(fits(text)).toBe(true);
  expect(() => requireEmoji(text)).toThrow('The emoji is none');
});

it.each([
  '',
  'eyes',
  'My name is Ada',
  ':Ada:',
  ':a b:',
  '::',
  `:${'x'.repeat(33)}:`,
  '1',
  '👍 Ada',
  'ada@example.org',
])('the schema does not take %j', (text) => {
  expect(fits(text)).toBe(false);
});
