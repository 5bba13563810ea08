import { randomBytes } from 'node:crypto';

/** A registry under test: the API's base, and the key as HTTP Basic where it wants one. */
export interface RegistryUnderTest {
  url: string;
  auth?: { username: string; password: string };
}

export interface RegistryAnswer {
  status: number;
  contentType: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at from outside, where nothing is known of their types.
  body: any;
}

/** Speaks to a registry as a stranger's client does. */
export class RegistryCaller {
  constructor(private readonly target: RegistryUnderTest) {}

  get(path: string) {
    return this.send('GET', path);
  }

  post(path: string, body: unknown) {
    return this.send('POST', path, body);
  }

  put(path: string, body: unknown) {
    return this.send('PUT', path, body);
  }

  delete(path: string) {
    return this.send('DELETE', path);
  }

  register(subject: string, schema: unknown, more: object = {}) {
    return this.post(`/subjects/${encodeURIComponent(subject)}/versions`, { schema: JSON.stringify(schema), ...more });
  }

  async send(method: string, path: string, body?: unknown): Promise<RegistryAnswer> {
    const { url, auth } = this.target;
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/vnd.schemaregistry.v1+json' }),
        ...(auth === undefined ? {} : { authorization: `Basic ${btoa(`${auth.username}:${auth.password}`)}` }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      body: jsonOr(text),
    };
  }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A subject that no other case has, and that is also a sound name in Avro. */
export function newSubject(): string {
  return `heddle.test.S${randomBytes(6).toString('hex')}`;
}

export interface Field {
  name: string;
  type: unknown;
  [attribute: string]: unknown;
}

/** A record of this full name. */
export function recordOf(name: string, ...fields: Field[]): object {
  const dot = name.lastIndexOf('.');
  return { type: 'record', name: name.slice(dot + 1), namespace: name.slice(0, dot), fields };
}

const A = { name: 'a', type: 'string' };
const B_OPTIONAL = { name: 'b', type: ['null', 'string'], default: null };
const B_NEEDED = { name: 'b', type: 'string' };

type Engine = 'built-in' | 'apicurio';

interface Case {
  says: string;
  /** Why it is not for one of them. */
  notFor?: Partial<Record<Engine, string>>;
  holds(registry: RegistryCaller): Promise<void>;
}

const error = (status: number, error_code: number) => ({
  status,
  body: { error_code, message: expect.any(String) },
});

/** Where the registries agree on the code and not on the status. */
const code = (error_code: number) => ({ body: { error_code, message: expect.any(String) } });

export const CASES: Case[] = [
  {
    says: 'a schema gets an id, and is found by it',
    async holds(registry) {
      const subject = newSubject();
      const schema = recordOf(subject, A);
      const { status, body } = await registry.register(subject, schema);
      expect([status, body]).toEqual([200, expect.objectContaining({ id: expect.any(Number) })]);
      const found = await registry.get(`/schemas/ids/${body.id}`);
      expect(JSON.parse(found.body.schema)).toEqual(schema);
    },
  },
  {
    says: 'the same schema again is the same id and no new version',
    async holds(registry) {
      const subject = newSubject();
      const first = await registry.register(subject, recordOf(subject, A));
      const second = await registry.register(subject, recordOf(subject, A));
      expect(second.body.id).toBe(first.body.id);
      expect((await registry.get(`/subjects/${subject}/versions`)).body).toEqual([1]);
    },
  },
  {
    says: 'the same schema has one id across subjects',
    async holds(registry) {
      const [one, other] = [newSubject(), newSubject()];
      const schema = recordOf(one, A);
      const { id } = (await registry.register(one, schema)).body;
      expect((await registry.register(other, schema)).body.id).toBe(id);
      expect((await registry.get(`/schemas/ids/${id}/versions`)).body).toEqual(
        expect.arrayContaining([
          { subject: one, version: 1 },
          { subject: other, version: 1 },
        ]),
      );
      expect((await registry.get(`/schemas/ids/${id}/subjects`)).body.sort()).toEqual([one, other].sort());
    },
  },
  {
    says: 'versions count from 1, and latest is the last',
    async holds(registry) {
      const subject = newSubject();
      await registry.register(subject, recordOf(subject, A));
      const { id } = (await registry.register(subject, recordOf(subject, A, B_OPTIONAL))).body;
      expect((await registry.get(`/subjects/${subject}/versions`)).body).toEqual([1, 2]);
      for (const version of ['2', 'latest', '-1']) {
        const { body } = await registry.get(`/subjects/${subject}/versions/${version}`);
        expect(body).toMatchObject({ subject, version: 2, id });
      }
      const text = await registry.get(`/subjects/${subject}/versions/1/schema`);
      expect(text.body).toEqual(recordOf(subject, A));
    },
  },
  {
    says: 'a schema is found in its subject',
    async holds(registry) {
      const subject = newSubject();
      const schema = JSON.stringify(recordOf(subject, A));
      const { id } = (await registry.register(subject, recordOf(subject, A))).body;
      expect((await registry.post(`/subjects/${subject}`, { schema })).body).toMatchObject({ subject, version: 1, id });
      const other = JSON.stringify(recordOf(subject, B_NEEDED));
      expect(await registry.post(`/subjects/${subject}`, { schema: other })).toMatchObject(error(404, 40403));
      expect(await registry.post(`/subjects/${newSubject()}`, { schema })).toMatchObject(error(404, 40401));
    },
  },
  {
    says: 'the subjects are listed',
    async holds(registry) {
      const subject = newSubject();
      await registry.register(subject, recordOf(subject, A));
      expect((await registry.get('/subjects')).body).toContain(subject);
    },
  },
  {
    says: 'the subjects are listed by prefix',
    notFor: { apicurio: 'it passes over subjectPrefix' },
    async holds(registry) {
      const subject = newSubject();
      await registry.register(subject, recordOf(subject, A));
      expect((await registry.get(`/subjects?subjectPrefix=${subject.slice(0, -1)}`)).body).toEqual([subject]);
    },
  },
  {
    says: 'what is not there has its code',
    async holds(registry) {
      const subject = newSubject();
      expect(await registry.get(`/subjects/${subject}/versions`)).toMatchObject(error(404, 40401));
      expect(await registry.get(`/subjects/${subject}/versions/1`)).toMatchObject(error(404, 40401));
      expect(await registry.get('/schemas/ids/2000000000')).toMatchObject(error(404, 40403));
      expect(await registry.delete(`/subjects/${subject}`)).toMatchObject(error(404, 40401));
      await registry.register(subject, recordOf(subject, A));
      expect(await registry.get(`/subjects/${subject}/versions/7`)).toMatchObject(error(404, 40402));
    },
  },
  {
    says: 'what cannot be a version is refused as one',
    notFor: { apicurio: 'any text may name a version there' },
    async holds(registry) {
      const subject = newSubject();
      await registry.register(subject, recordOf(subject, A));
      for (const version of ['nonsense', '0', '-2', '1.5', '2147483648']) {
        expect(await registry.get(`/subjects/${subject}/versions/${version}`)).toMatchObject(error(422, 42202));
      }
    },
  },
  {
    says: 'what is no schema is refused',
    async holds(registry) {
      const subject = newSubject();
      const send = (schema: string) => registry.post(`/subjects/${subject}/versions`, { schema });
      for (const text of ['nonsense', '{"type":"record"}', '{"type":"nonsense"}', '"heddle.test.Unknown"']) {
        expect([text, await send(text)]).toMatchObject([text, error(422, 42201)]);
      }
      expect(await registry.get(`/subjects/${subject}/versions`)).toMatchObject(error(404, 40401));
    },
  },
  {
    says: 'no text at all is no schema',
    notFor: { apicurio: 'it keeps an empty text' },
    async holds(registry) {
      const answer = await registry.post(`/subjects/${newSubject()}/versions`, { schema: '' });
      expect(answer).toMatchObject(error(422, 42201));
    },
  },
  {
    says: 'a change that readers of old data could not bear is refused, and the schema is not kept',
    async holds(registry) {
      const subject = newSubject();
      await registry.put(`/config/${subject}`, { compatibility: 'BACKWARD' });
      await registry.register(subject, recordOf(subject, A));
      const refused = await registry.register(subject, recordOf(subject, A, B_NEEDED));
      expect(refused).toMatchObject({ status: 409, body: { error_code: 409, message: expect.any(String) } });
      expect((await registry.get(`/subjects/${subject}/versions`)).body).toEqual([1]);
      expect((await registry.register(subject, recordOf(subject, A, B_OPTIONAL))).status).toBe(200);
    },
  },
  ...compatibilityCases(),
  {
    says: 'the level of a subject is its own, or not there',
    async holds(registry) {
      const subject = newSubject();
      expect((await registry.get(`/config/${subject}`)).status).toBe(404);
      for (const compatibility of ['NONE', 'FULL_TRANSITIVE', 'FORWARD']) {
        expect((await registry.put(`/config/${subject}`, { compatibility })).body).toMatchObject({ compatibility });
        expect((await registry.get(`/config/${subject}`)).body).toMatchObject({ compatibilityLevel: compatibility });
      }
      expect((await registry.delete(`/config/${subject}`)).status).toBe(200);
      expect((await registry.get(`/config/${subject}`)).status).toBe(404);
      expect(await registry.put(`/config/${subject}`, { compatibility: 'SIDEWAYS' })).toMatchObject(error(422, 42203));
    },
  },
  {
    says: 'a version is deleted softly, then for good',
    async holds(registry) {
      const subject = newSubject();
      const { id } = (await registry.register(subject, recordOf(subject, A))).body;
      await registry.register(subject, recordOf(subject, A, B_OPTIONAL));
      expect(await registry.delete(`/subjects/${subject}/versions/1`)).toMatchObject({ status: 200, body: 1 });
      expect((await registry.get(`/subjects/${subject}/versions`)).body).toEqual([2]);
      expect((await registry.get(`/subjects/${subject}/versions/1`)).body.error_code).toBe(40402);
      expect((await registry.get(`/schemas/ids/${id}`)).status).toBe(200);
      expect((await registry.get(`/subjects/${subject}/versions?deleted=true`)).body).toEqual([1, 2]);
      expect(await registry.delete(`/subjects/${subject}/versions/1`)).toMatchObject(code(40406));
      expect(await registry.delete(`/subjects/${subject}/versions/2?permanent=true`)).toMatchObject(code(40407));
      expect((await registry.delete(`/subjects/${subject}/versions/1?permanent=true`)).status).toBe(200);
      expect((await registry.get(`/subjects/${subject}/versions?deleted=true`)).body).toEqual([2]);
    },
  },
  {
    says: 'a subject is deleted softly, then for good',
    async holds(registry) {
      const subject = newSubject();
      await registry.register(subject, recordOf(subject, A));
      expect(await registry.delete(`/subjects/${subject}?permanent=true`)).toMatchObject(code(40405));
      expect(await registry.delete(`/subjects/${subject}`)).toMatchObject({ status: 200, body: [1] });
      expect((await registry.get('/subjects')).body).not.toContain(subject);
      expect((await registry.get('/subjects?deleted=true')).body).toContain(subject);
      expect((await registry.get(`/subjects/${subject}/versions/latest`)).status).toBe(404);
      expect(await registry.delete(`/subjects/${subject}`)).toMatchObject(code(40404));
      expect(await registry.delete(`/subjects/${subject}?permanent=true`)).toMatchObject({ status: 200, body: [1] });
      expect((await registry.get('/subjects?deleted=true')).body).not.toContain(subject);
    },
  },
  {
    says: 'a deletion out of turn is a 404',
    notFor: { apicurio: 'it answers 409, with the same code' },
    async holds(registry) {
      const subject = newSubject();
      await registry.register(subject, recordOf(subject, A));
      const version = `/subjects/${subject}/versions/1`;
      expect(await registry.delete(`${version}?permanent=true`)).toMatchObject(error(404, 40407));
      expect(await registry.delete(`/subjects/${subject}?permanent=true`)).toMatchObject(error(404, 40405));
      await registry.delete(version);
      expect(await registry.delete(version)).toMatchObject(error(404, 40406));
      expect(await registry.delete(`/subjects/${subject}`)).toMatchObject(error(404, 40404));
    },
  },
  {
    says: 'the modes: read-only changes nothing, import takes ids and versions',
    notFor: { apicurio: 'a subject without a mode of its own answers with the default there' },
    async holds(registry) {
      const subject = newSubject();
      const mode = (wanted: string) => registry.put(`/mode/${subject}`, { mode: wanted });
      expect(await registry.get(`/mode/${subject}`)).toMatchObject(error(404, 40409));
      expect((await registry.get(`/mode/${subject}?defaultToGlobal=true`)).body).toEqual({ mode: 'READWRITE' });
      expect(await mode('SIDEWAYS')).toMatchObject(error(422, 42204));
      const early = await registry.register(subject, recordOf(subject, A), { id: 900_000 });
      expect(early).toMatchObject(error(422, 42205));

      expect((await mode('IMPORT')).body).toEqual({ mode: 'IMPORT' });
      const { body } = await registry.get('/schemas/ids/1?fetchMaxId=true');
      const id = (body.maxId ?? 0) + 100;
      expect(await registry.register(subject, recordOf(subject, A))).toMatchObject(error(422, 42205));
      expect((await registry.register(subject, recordOf(subject, A), { id, version: 7 })).body).toEqual({ id });
      expect((await registry.get(`/subjects/${subject}/versions`)).body).toEqual([7]);
      const other = recordOf(subject, B_NEEDED);
      expect(await registry.register(subject, other, { id, version: 8 })).toMatchObject(error(422, 42205));

      await mode('READWRITE');
      const next = await registry.register(subject, recordOf(subject, A, B_OPTIONAL));
      expect(next.body.id).toBeGreaterThan(id);
      expect((await registry.get(`/subjects/${subject}/versions`)).body).toEqual([7, 8]);

      await mode('READONLY');
      const again = recordOf(subject, A);
      expect((await registry.register(subject, again)).body).toEqual({ id });
      expect(await registry.register(subject, recordOf(subject))).toMatchObject(error(422, 42205));
      expect(await registry.delete(`/subjects/${subject}`)).toMatchObject(error(422, 42205));
      expect(await registry.put(`/mode/${subject}`, { mode: 'IMPORT' })).toMatchObject(error(422, 42205));
      expect((await registry.delete(`/mode/${subject}`)).body).toEqual({ mode: 'READONLY' });
    },
  },
  {
    says: 'documentation makes another schema',
    notFor: { apicurio: 'it compares without documentation' },
    async holds(registry) {
      const subject = newSubject();
      const schema = recordOf(subject, A);
      const { id } = (await registry.register(subject, schema)).body;
      const documented = { ...schema, doc: 'Something.' };
      expect((await registry.register(subject, documented)).body.id).not.toBe(id);
    },
  },
  {
    says: 'the order of attributes and the way of writing names do not make another schema',
    async holds(registry) {
      const subject = newSubject();
      const schema = recordOf(subject, A);
      const { id } = (await registry.register(subject, schema)).body;
      const reordered = { fields: [{ type: { type: 'string' }, name: 'a' }], name: subject, type: 'record' };
      expect((await registry.register(subject, reordered)).body.id).toBe(id);
    },
  },
  {
    says: 'normalize keeps full names and one order',
    notFor: { apicurio: 'it has a form of its own' },
    async holds(registry) {
      const subject = newSubject();
      const schema = JSON.stringify(recordOf(subject, A));
      await registry.post(`/subjects/${subject}/versions?normalize=true`, { schema });
      const { body } = await registry.get(`/subjects/${subject}/versions/1`);
      expect(body.schema).toBe(JSON.stringify({ fields: [A], name: subject, type: 'record' }));
    },
  },
  {
    says: 'a number in a schema keeps its digits',
    notFor: { apicurio: 'it writes the text anew, and rounds' },
    async holds(registry) {
      const subject = newSubject();
      const field = `{"name":"n","type":"double","default":0.10000000000000000001,"max":9007199254740993}`;
      const schema = `{"type":"record","name":"${subject}","fields":[${field}]}`;
      const { id } = (await registry.post(`/subjects/${subject}/versions`, { schema })).body;
      expect((await registry.get(`/schemas/ids/${id}`)).body.schema).toBe(schema);
    },
  },
  {
    says: 'the smaller answers',
    notFor: { apicurio: 'it has its own of these' },
    async holds(registry) {
      expect((await registry.get('/')).body).toEqual({});
      expect((await registry.get('/contexts')).body).toEqual(['.']);
      expect((await registry.get('/v1/metadata/id')).body).toMatchObject({ scope: { path: [] } });
      expect((await registry.get('/v1/metadata/version')).body).toMatchObject({ version: expect.any(String) });
      expect((await registry.get('/config')).body).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
      expect((await registry.get('/mode')).body).toEqual({ mode: 'READWRITE' });
      expect(await registry.get('/nowhere')).toMatchObject(error(404, 404));
      const subject = newSubject();
      const { id } = (await registry.register(`:.:${subject}`, recordOf(subject, A))).body;
      const all = await registry.get(`/schemas?subjectPrefix=${subject}&latestOnly=true`);
      expect(all.body).toEqual([{ subject, version: 1, id, schema: JSON.stringify(recordOf(subject, A)) }]);
      expect((await registry.get(`/schemas/ids/${id}/schema?subject=${subject}`)).body).toEqual(recordOf(subject, A));
    },
  },
  {
    says: 'a schema names a type of another subject, which then stays',
    async holds(registry) {
      const [inner, outer] = [newSubject(), newSubject()];
      await registry.register(inner, recordOf(inner, A));
      const schema = JSON.stringify(recordOf(outer, { name: 'inner', type: inner }));
      const references = [{ name: inner, subject: inner, version: 1 }];
      const { status, body } = await registry.post(`/subjects/${outer}/versions`, { schema, references });
      expect(status).toBe(200);
      expect((await registry.get(`/schemas/ids/${body.id}`)).body).toMatchObject({ references });
      expect((await registry.get(`/subjects/${outer}/versions/1`)).body).toMatchObject({ references });
      expect((await registry.get(`/subjects/${inner}/versions/1/referencedby`)).body).toEqual([body.id]);
      expect(await registry.delete(`/subjects/${inner}/versions/1`)).toMatchObject(error(422, 42206));
      const missing = [{ name: inner, subject: newSubject(), version: 1 }];
      const lost = await registry.post(`/subjects/${outer}/versions`, { schema, references: missing });
      expect(lost.status).toBe(422);
    },
  },
  {
    says: 'only Avro is taken',
    notFor: { apicurio: 'it takes JSON Schema and Protobuf too' },
    async holds(registry) {
      const subject = newSubject();
      const schema = '{"type":"object"}';
      const answer = await registry.post(`/subjects/${subject}/versions`, { schema, schemaType: 'JSON' });
      expect(answer).toMatchObject(error(422, 422));
      expect((await registry.get('/schemas/types')).body).toEqual(['AVRO']);
    },
  },
  {
    says: 'a field that is not known is passed over',
    async holds(registry) {
      const subject = newSubject();
      expect((await registry.register(subject, recordOf(subject, A), { colour: 'blue' })).status).toBe(200);
    },
  },
  {
    says: 'what is no JSON is a fault of the client',
    async holds(registry) {
      for (const body of ['{', '[]', '"text"', '17', 'null']) {
        const { status } = await registry.post(`/subjects/${newSubject()}/versions`, body);
        expect([body, status >= 400 && status < 500]).toEqual([body, true]);
      }
    },
  },
  {
    says: 'every answer has the media type of the API',
    async holds(registry) {
      for (const path of ['/subjects', `/subjects/${newSubject()}/versions`, '/schemas/ids/2000000000', '/config']) {
        const { contentType } = await registry.get(path);
        expect([path, contentType]).toEqual([
          path,
          expect.stringMatching(/^application\/(vnd\.schemaregistry\.v1\+)?json/),
        ]);
      }
    },
  },
];

function compatibilityCases(): Case[] {
  const table: [level: string, before: Field[], after: Field[], fits: boolean][] = [
    ['NONE', [A], [{ name: 'a', type: 'int' }], true],
    ['BACKWARD', [A], [A, B_OPTIONAL], true],
    ['BACKWARD', [A], [A, B_NEEDED], false],
    ['BACKWARD', [A, B_NEEDED], [A], true],
    ['FORWARD', [A], [A, B_NEEDED], true],
    ['FORWARD', [A, B_NEEDED], [A], false],
    ['FORWARD', [A, B_OPTIONAL], [A], true],
    ['FULL', [A], [A, B_OPTIONAL], true],
    ['FULL', [A], [A, B_NEEDED], false],
    ['FULL', [A, B_NEEDED], [A], false],
    ['BACKWARD', [{ name: 'n', type: 'int' }], [{ name: 'n', type: 'long' }], true],
    ['BACKWARD', [{ name: 'n', type: 'long' }], [{ name: 'n', type: 'int' }], false],
    ['FORWARD', [{ name: 'n', type: 'long' }], [{ name: 'n', type: 'int' }], true],
    ['FULL', [{ name: 'n', type: 'long' }], [{ name: 'n', type: 'int' }], false],
    ['FULL', [{ name: 'n', type: 'string' }], [{ name: 'n', type: 'bytes' }], true],
    ['BACKWARD', [{ name: 'n', type: 'string' }], [{ name: 'n', type: ['null', 'string'] }], true],
    ['BACKWARD', [{ name: 'n', type: ['null', 'string'] }], [{ name: 'n', type: 'string' }], false],
    ['BACKWARD', [A], [{ name: 'z', aliases: ['a'], type: 'string' }], true],
  ];
  return [
    ...table.map(([level, before, after, fits]) => ({
      says: `${level}: ${JSON.stringify(before)} → ${JSON.stringify(after)} ${fits ? 'fits' : 'does not fit'}`,
      async holds(registry: RegistryCaller) {
        const subject = newSubject();
        await registry.put(`/config/${subject}`, { compatibility: level });
        await registry.register(subject, recordOf(subject, ...before));
        const body = { schema: JSON.stringify(recordOf(subject, ...after)) };
        const path = `/compatibility/subjects/${subject}/versions`;
        for (const version of ['/latest', '/1', '']) {
          expect((await registry.post(path + version, body)).body).toMatchObject({ is_compatible: fits });
        }
        const { status } = await registry.post(`/subjects/${subject}/versions`, body);
        expect(status).toBe(fits ? 200 : 409);
      },
    })),
    {
      says: 'a transitive level asks for every version, another for the latest',
      notFor: { apicurio: '3.3.3 takes at registration what its own check of compatibility refuses' },
      async holds(registry) {
        const subject = newSubject();
        await registry.put(`/config/${subject}`, { compatibility: 'NONE' });
        await registry.register(subject, recordOf(subject, A));
        await registry.register(subject, recordOf(subject, A, B_OPTIONAL));
        // Reads version 2, where b is, and not version 1, where it is not.
        const last = recordOf(subject, A, { name: 'b', type: ['null', 'string'] });
        const sent = async (compatibility: string) => {
          await registry.put(`/config/${subject}`, { compatibility });
          return (await registry.register(subject, last)).status;
        };
        expect(await sent('BACKWARD_TRANSITIVE')).toBe(409);
        expect(await sent('BACKWARD')).toBe(200);
      },
    },
    {
      says: 'a question without a version is about those that the level names',
      notFor: { apicurio: 'it asks for every version, whatever the level' },
      async holds(registry) {
        const subject = newSubject();
        await registry.put(`/config/${subject}`, { compatibility: 'NONE' });
        await registry.register(subject, recordOf(subject, A));
        await registry.register(subject, recordOf(subject, A, B_OPTIONAL));
        const body = { schema: JSON.stringify(recordOf(subject, A, { name: 'b', type: ['null', 'string'] })) };
        const asked = async (compatibility: string) => {
          await registry.put(`/config/${subject}`, { compatibility });
          return (await registry.post(`/compatibility/subjects/${subject}/versions`, body)).body.is_compatible;
        };
        expect(await asked('BACKWARD')).toBe(true);
        expect(await asked('BACKWARD_TRANSITIVE')).toBe(false);
      },
    },
    {
      says: 'a refusal says where and why',
      notFor: { apicurio: 'its messages have words of their own' },
      async holds(registry) {
        const subject = newSubject();
        await registry.put(`/config/${subject}`, { compatibility: 'BACKWARD' });
        await registry.register(subject, recordOf(subject, A));
        const body = { schema: JSON.stringify(recordOf(subject, A, B_NEEDED)) };
        const path = `/compatibility/subjects/${subject}/versions/latest?verbose=true`;
        const { messages } = (await registry.post(path, body)).body;
        expect(messages[0]).toMatch(/READER_FIELD_MISSING_DEFAULT_VALUE.*\/fields\/1.*the field b has no default/);
        const refusal = await registry.post(`/subjects/${subject}/versions`, body);
        expect(refusal.body.message).toContain('/fields/1');
      },
    },
  ];
}

/** Every case, against one registry. */
export function testRegistry(engine: Engine, target: () => RegistryUnderTest): void {
  for (const { says, notFor = {}, holds } of CASES) {
    const why = notFor[engine];
    if (why === undefined) it(says, () => holds(new RegistryCaller(target())));
    else it.skip(`${says} (not for ${engine}: ${why})`, () => undefined);
  }
}
