import { Ajv2020 } from 'ajv/dist/2020.js';
import type { OpenApiDocument } from '../../libs/platform/operations/openapi-types.js';
import { Journey } from './journey.js';
import { OPERATIONS, Scene } from './operation-scene.js';

let journey: Journey;
let fits: (operation: string, status: number, body: unknown) => string[];

beforeAll(async () => {
  journey = await Journey.begin();
  const document = (await journey.root.get('/openapi.json')).body as OpenApiDocument;
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(document, 'openapi');
  const pointers = new Map(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [operationId, `/paths/${escaped(path)}/${method}`]),
    ),
  );
  fits = (operation, status, body) => {
    const media = escaped(operation.startsWith('import.') ? 'application/x-ndjson' : 'application/json');
    const at = `openapi#${pointers.get(operation)}/responses/${status}/content/${media}/schema`;
    const validate = ajv.getSchema(encodeURI(at));
    if (validate === undefined) return [`The document has no schema at ${at}.`];
    validate(body);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
});
afterAll(() => journey.end());

/** A part of a JSON Pointer. */
function escaped(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Those that have an end. */
const ENDING = OPERATIONS.filter(({ streams, socket }) => streams !== true && socket !== true);

async function done(name: string) {
  for (let tries = 1; ; tries++) {
    const scene = await Scene.begin(journey);
    const request = await scene.requestOf(name);
    const answer = await scene.send(request);
    // A job may have ended before a test that is held up comes to cancel it.
    if (name !== 'jobs.cancel' || answer.status !== 422 || tries === 20) return [request, answer] as const;
  }
}

test.each(ENDING.map(({ name }) => name))('the example of %s is done, and answered as declared', async (name) => {
  const [request, { status, body }] = await done(name);
  expect([Object.keys(request.operation.responses), body]).toEqual([expect.arrayContaining([String(status)]), body]);
  if (status === 204) return;
  // A stream of lines: each of them is an answer.
  const answers =
    typeof body === 'string'
      ? body
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [body];
  expect(answers.flatMap((answer) => fits(name, status, answer))).toEqual([]);
});

it('finds what does not fit', () => {
  expect(fits('customers.get', 200, { id: 'cus_1', name: 7 })).toContainEqual(expect.stringContaining('/name must be'));
});
