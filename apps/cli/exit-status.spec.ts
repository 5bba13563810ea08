import { PassThrough } from 'node:stream';
import { UsageError } from '../../libs/platform/operations/command-line.js';
import { StartupError } from '../../libs/platform/settings/startup-error.js';
import { exitStatus } from './exit-status.js';
import { Failure } from './failure.js';
import { problemText, requireGood } from './problem-text.js';

function told(error: unknown): { status: number; said: string } {
  const err = new PassThrough();
  const status = exitStatus(error, { out: new PassThrough(), err, columns: null, draws: false });
  return { status, said: String(err.read() ?? '') };
}

const problem = JSON.stringify({
  type: '/docs/problems#invalid_request',
  title: 'The request does not fit its schema',
  status: 400,
  code: 'invalid_request',
  detail: '/body/name is too long.',
  errors: [
    { pointer: '/body/name', message: 'is too long' },
    { pointer: '/body/title', message: 'is no text' },
  ],
});

describe('What goes wrong', () => {
  it('is told as the problem’s title, code, detail and further fields, and where to read on', () => {
    expect(problemText(400, problem, 'http://127.0.0.1:4400')).toBe(
      [
        'The request does not fit its schema (400 invalid_request)',
        '/body/name is too long.',
        '  /body/title  is no text',
        'http://127.0.0.1:4400/docs/problems#invalid_request',
      ].join('\n'),
    );
    expect(() => requireGood({ status: 400, text: problem }, 'http://127.0.0.1:4400')).toThrow(Failure);
  });

  it('asks whether the address is right where something else answers', () => {
    for (const text of ['<html>502</html>', 'null', '[]', '"x"']) {
      expect(problemText(502, text, 'http://proxy')).toBe(
        'http://proxy answered with 502, and not as Heddle does: is HEDDLE_URL right?',
      );
    }
  });

  it('makes the exit status 2 for a wrong call and 1 for everything else, without a stack', () => {
    expect(told(new UsageError('Missing: --name.'))).toEqual({
      status: 2,
      said: 'error: Missing: --name.\n(--help shows what there is)\n',
    });
    expect(told(new Failure('a\nb'))).toEqual({ status: 1, said: 'a\nb\n' });
    expect(told(new StartupError('no room'))).toEqual({ status: 1, said: 'no room\n' });
    expect(told(new TypeError('x is undefined\n    at y'))).toEqual({ status: 1, said: 'heddle: x is undefined\n' });
  });
});
