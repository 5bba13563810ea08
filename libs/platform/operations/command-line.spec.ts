import { z } from 'zod';
import { commandOf, requestOf, UsageError } from './command-line.js';
import { idField, textField } from './fields.js';
import { listShelves, paintShelf } from './openapi.fixture.js';
import { defineOperation } from './operation.js';

const paint = commandOf(paintShelf);
const list = commandOf(listShelves);
const id = 'wsp_0198f2c0a1b27c3d8e4f5a6b7c8d9e0f';

describe('A command made from an operation', () => {
  it('is called by the operation’s name, with its path’s parameters', () => {
    expect(paint.words).toEqual(['shelves', 'paint']);
    expect(paint.positionals.map(({ name }) => name)).toEqual(['id']);
    expect(commandOf(defineOperation({ ...listShelves, name: 'api_keys.list' })).words).toEqual(['api-keys', 'list']);
  });

  it('has an option for every field, with nested names joined by dashes', () => {
    expect(paint.options.map(({ flag, kind, repeated }) => [flag, kind, repeated])).toEqual([
      ['owner-type', 'text', false],
      ['owner-id', 'text', false],
      ['coats', 'number', false],
      ['primed', 'boolean', false],
      ['paint-colour', 'text', false],
      ['tags', 'text', true],
      ['layers', 'json', false],
      ['title', 'text', false],
    ]);
    expect(paint.options[0]!.choices).toEqual(['user', 'ai_agent']);
    expect(paint.options[1]!.description).toBe('Who it is.');
    expect(list.options.find(({ flag }) => flag === 'limit')!.description).toBe(
      'How many to return. (1 to 1000, default 50)',
    );
  });

  it('pages only where the operation has a cursor', () => {
    expect(list.pages).toBe(true);
    expect(paint.pages).toBe(false);
  });

  it('sends what was given in the types of the schema, and constants by itself', () => {
    const given = { 'owner-type': 'user', 'owner-id': '7', coats: '2', primed: false, tags: ['a', 'b'], layers: '[]' };
    expect(requestOf(paint, [id], given)).toEqual({
      method: 'PATCH',
      path: `/v1/shelves/${id}`,
      query: new URLSearchParams(),
      body: { type: 'oil', owner: { type: 'user', id: '7' }, coats: 2, primed: false, tags: ['a', 'b'], layers: [] },
    });
  });

  it('takes the word null for null where the field may be null', () => {
    expect(requestOf(paint, [id], { title: 'null' }).body).toEqual({ type: 'oil', title: null });
    expect(requestOf(paint, [id], { 'paint-colour': 'null' }).body).toEqual({ type: 'oil', paint: { colour: 'null' } });
  });

  it('escapes what goes into the path and the query', () => {
    const request = requestOf(list, [], { status: 'a&b=c' });
    expect(request.query.toString()).toBe('status=a%26b%3Dc');
    expect(request.body).toBeUndefined();
    expect(requestOf(paint, ['../keys?x'], {}).path).toBe('/v1/shelves/..%2Fkeys%3Fx');
  });

  it('lets options overwrite fields of a whole body, and adds nothing else to one', () => {
    expect(requestOf(paint, [id], { coats: '3' }, { coats: 1, primed: true }).body).toEqual({ coats: 3, primed: true });
    expect(() => requestOf(paint, [id], { coats: '3' }, [1])).toThrow(UsageError);
  });

  it('refuses a word where a number belongs, broken JSON, and a missing field, before anything is sent', () => {
    expect(() => requestOf(paint, [id], { coats: 'two' })).toThrow('--coats takes a number, not "two".');
    expect(() => requestOf(paint, [id], { layers: '[' })).toThrow('--layers takes JSON');
    const strict = commandOf(defineOperation({ ...paintShelf, body: z.strictObject({ name: textField(1, 9) }) }));
    expect(() => requestOf(strict, [id], {})).toThrow('Missing: --name (or --body with all of it).');
  });

  it('takes a union of words as a word', () => {
    const query = z.strictObject({ owner: z.union([idField('usr'), z.literal('none')]).nullable() });
    const [option] = commandOf(defineOperation({ ...listShelves, query })).options;
    expect(option).toMatchObject({ flag: 'owner', kind: 'text', nullable: true, required: true });
  });

  it('joins the branches of a union of objects', () => {
    const body = z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text'), text: z.string() }),
      z.strictObject({ type: z.literal('note'), note: z.string() }),
    ]);
    const shape = commandOf(defineOperation({ ...paintShelf, body }));
    expect(shape.options.map(({ flag, required }) => [flag, required])).toEqual([
      ['type', true],
      ['text', false],
      ['note', false],
    ]);
    expect(shape.options[0]!.choices).toEqual(['text', 'note']);
  });
});
