import { MATCH_BEGINS as B, MATCH_ENDS as E, piecesOf } from './highlight.js';

it('cuts a marked text into its pieces', () => {
  expect(piecesOf(`Which ${B}reed${E} for a ${B}scarf${E}?`)).toEqual([
    { text: 'Which ', match: false },
    { text: 'reed', match: true },
    { text: ' for a ', match: false },
    { text: 'scarf', match: true },
    { text: '?', match: false },
  ]);
  expect(piecesOf(`${B}reed${E}`)).toEqual([{ text: 'reed', match: true }]);
  expect(piecesOf('nothing')).toEqual([{ text: 'nothing', match: false }]);
  expect(piecesOf('')).toEqual([]);
});
