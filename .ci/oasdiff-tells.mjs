// oasdiff-tells.mjs OASDIFF DOCUMENT: plants in a copy of the document what breaks a client and what does not, and ends
// with 1 where oasdiff does not tell the one from the other.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [oasdiff, file] = process.argv.slice(2);
// As in .ci/run.
const COMMAND = ['breaking', '--fail-on', 'ERR', '--severity-levels', '.ci/oasdiff-levels.txt'];
const text = readFileSync(file, 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'heddle-oasdiff-'));

const list = (document) => document.paths['/v1/conversations'].get;
const open = (document) => document.paths['/v1/conversations'].post;
const body = (operation) => operation.requestBody.content['application/json'].schema;
const { schemas } = JSON.parse(text).components;
const conversation = (document) => document.components.schemas.Conversation;
const query = (document, name) => list(document).parameters.find((parameter) => parameter.name === name);
if (schemas.Conversation === undefined) throw new Error(`${file} has no schema Conversation.`);

const BREAKING = {
  'an operation is gone': (document) => delete document.paths['/v1/conversations'].post,
  'a path is gone': (document) => delete document.paths['/v1/conversations/{id}'],
  'a field of an answer is gone': (document) => {
    delete conversation(document).properties.priority;
    conversation(document).required = conversation(document).required.filter((name) => name !== 'priority');
  },
  'a field of an answer may be missing': (document) => {
    conversation(document).required = conversation(document).required.filter((name) => name !== 'status');
  },
  'a field of an answer has another type': (document) => {
    conversation(document).properties.seq = { type: 'string' };
  },
  'a field of a request is gone': (document) => delete body(open(document)).properties.title,
  'a field of a request has become required': (document) => body(open(document)).required.push('title'),
  'a value that a request may have is gone': (document) => query(document, 'status').schema.enum.pop(),
  'a parameter has become required': (document) => {
    query(document, 'status').required = true;
  },
  'a parameter is gone': (document) => {
    list(document).parameters = list(document).parameters.filter(({ name }) => name !== 'status');
  },
  'a good answer is gone': (document) => delete open(document).responses['201'],
};

const HARMLESS = {
  'nothing has changed': () => undefined,
  'a new operation': (document) => {
    document.paths['/v1/conversations/{id}/weave'] = structuredClone(document.paths['/v1/conversations/{id}/close']);
    document.paths['/v1/conversations/{id}/weave'].post.operationId = 'conversations.weave';
  },
  'a new field of an answer': (document) => {
    conversation(document).properties.weight = { type: 'integer' };
    conversation(document).required.push('weight');
  },
  'a new optional field of a request': (document) => {
    body(open(document)).properties.weight = { type: 'integer' };
  },
  'a new value that a request may have': (document) => query(document, 'status').schema.enum.push('archived'),
  'a new value in an answer': (document) => conversation(document).properties.status.enum.push('archived'),
  'a new optional parameter': (document) => {
    list(document).parameters.push({ name: 'weight', in: 'query', required: false, schema: { type: 'integer' } });
  },
  'another description': (document) => {
    open(document).summary = 'Begin a conversation';
  },
};

let wrong = 0;
try {
  for (const [breaks, changes] of [
    [true, BREAKING],
    [false, HARMLESS],
  ]) {
    for (const [what, change] of Object.entries(changes)) {
      const changed = JSON.parse(text);
      change(changed);
      const path = join(folder, 'changed.json');
      writeFileSync(path, JSON.stringify(changed));
      const { status, stdout, stderr } = spawnSync(oasdiff, [...COMMAND, file, path]);
      if (status === (breaks ? 1 : 0)) continue;
      wrong++;
      console.error(`${what}: ended with ${status} and not ${breaks ? 1 : 0}\n${stdout}${stderr}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = wrong > 0 ? 1 : 0;
