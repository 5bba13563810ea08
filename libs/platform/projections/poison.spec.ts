import { blamingEvents, causeOf, isOvertaken, isPoison, UnreadableEventError } from './poison.js';

const sql = (code: string, message: string, more = {}) => Object.assign(new Error(message), { code, ...more });

it.each(['22003', '22P02', '23505', '21000', '54000', '08P01'])('lays %s to an event', (code) => {
  expect(isPoison(sql(code, ''))).toBe(true);
});

it.each(['08006', '40001', '40P01', '42P01', '42501', '53100', '55P03', '57P01', 'HD002', 'ECONNRESET'])(
  'does not lay %s to an event',
  (code) => {
    expect(isPoison(sql(code, ''))).toBe(false);
  },
);

it('knows the error of a cursor that moved', () => {
  expect(isOvertaken(sql('HD002', ''))).toBe(true);
  expect(isOvertaken(sql('HD001', ''))).toBe(false);
});

it('lays what the program throws on an event to the event', async () => {
  const failing = blamingEvents(() => {
    throw new RangeError('The value of "value" is out of range.');
  });
  await expect(failing).rejects.toBeInstanceOf(UnreadableEventError);
});

it('names the place of a failure, and no value', () => {
  const invalid = sql('22P02', 'invalid input syntax for type uuid: "ada@example.org"', { detail: 'ada@example.org' });
  expect(causeOf(invalid)).toBe('SQLSTATE 22P02: invalid input syntax for type uuid');
  const large = sql('22003', 'value "5550123" is out of range for type integer');
  expect(causeOf(large)).toBe('SQLSTATE 22003: value "…" is out of range for type integer');
  const unparsed = new UnreadableEventError(new SyntaxError(`Unexpected token 'A', "Ada" is not valid JSON`));
  expect(causeOf(unparsed)).toBe(`SyntaxError: Unexpected token 'A', "…" is not valid JSON`);
  const taken = sql('23505', 'duplicate key value violates unique constraint "users_name"', {
    table: 'users',
    constraint: 'users_name',
    detail: 'Key (name)=(Ada) already exists.',
  });
  const cause = causeOf(taken);
  expect(cause).toContain('at users.users_name');
  expect(cause).not.toContain('Ada');
});
