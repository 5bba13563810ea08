import { type IdentityKind, identityClaim, normalized } from './identity.js';

const keptAs = (kind: IdentityKind, given: string) => normalized(kind, 'chat', given)?.value ?? null;

it.each<[IdentityKind, string, string | null]>([
  ['email', ' Ada@Example.ORG ', 'ada@example.org'],
  ['email', 'Ärger@Beispiel.DE', 'ärger@beispiel.de'],
  ['email', 'a\u0308rger@beispiel.de', 'ärger@beispiel.de'],
  ['email', 'ada', null],
  ['email', 'ada@', null],
  ['email', 'ada@home@work', null],
  ['email', 'ada lovelace@example.org', null],
  ['phone', '+49 (30) 12-34', '+49301234'],
  ['phone', '0044 20 7946 0000', '+442079460000'],
  ['phone', '4915112345678', '+4915112345678'],
  ['phone', '0151 12345678', null],
  ['phone', '+1234567890123456', null],
  ['phone', '+12', null],
  ['phone', 'call me', null],
  ['handle', ' @Ada ', '@Ada'],
  ['handle', '   ', null],
])('%s %j is kept as %j', (kind, given, value) => {
  expect(keptAs(kind, given)).toBe(value);
});

it('is one of a channel for a handle alone', () => {
  expect(normalized('handle', 'chat', 'ada')).toEqual({ kind: 'handle', channel: 'chat', value: 'ada' });
  expect(normalized('email', 'chat', 'ada@example.org')!.channel).toBeNull();
});

it('is claimed by kind and channel', () => {
  const claims = [
    { kind: 'handle', channel: 'chat', value: 'x' },
    { kind: 'handle', channel: 'forum', value: 'x' },
    { kind: 'phone', channel: null, value: 'x' },
  ].map((name) => JSON.stringify(identityClaim(name)));
  expect(new Set(claims).size).toBe(3);
});
