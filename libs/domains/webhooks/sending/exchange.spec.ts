import type { Dispatcher } from 'undici';
import { type Answer, Exchange } from './exchange.js';

const HOUR_MS = 3_600_000;

function begunAfter(withinMs: number) {
  const aborted: Error[] = [];
  const answers: Answer[] = [];
  const controller = { abort: (error: Error) => aborted.push(error) } as unknown as Dispatcher.DispatchController;
  const exchange = new Exchange(
    withinMs,
    (answer) => answers.push(answer),
    () => undefined,
  );
  exchange.onRequestStart(controller);
  return { aborted: aborted.length, answers: answers.map(({ error }) => error) };
}

it('sends nothing once its time is over, whoever has noticed', () => {
  expect(begunAfter(HOUR_MS)).toEqual({ aborted: 0, answers: [] });
  // The process was stopped between the call and the connection.
  expect(begunAfter(0)).toEqual({ aborted: 1, answers: ['timeout'] });
});
