import type { EndpointWish } from './deliveries.js';

/** Of each kind one, and of some events several: what deliveries are put to under faults. */
export const USUAL_ENDPOINTS: readonly EndpointWish[] = [
  { path: '/all', types: ['*'], behaviour: { kind: 'takes' } },
  { path: '/filtered', types: ['message.created'], assignedOnly: true, behaviour: { kind: 'takes' } },
  { path: '/ordered', types: ['*'], ordered: true, behaviour: { kind: 'takes' } },
  {
    path: '/ordered-and-refused',
    types: ['conversation.*', 'message.created'],
    ordered: true,
    behaviour: { kind: 'refuses', oneIn: 40, times: 2 },
  },
  { path: '/ill-at-first', types: ['*'], behaviour: { kind: 'ill', how: 'by_turns', forMs: 10_000 } },
  { path: '/loses-answers', types: ['message.*'], behaviour: { kind: 'loses_answers', oneIn: 50 } },
  {
    path: '/ordered-and-lost',
    types: ['message.*', 'conversation.*'],
    ordered: true,
    behaviour: { kind: 'loses_answers', oneIn: 50 },
  },
  { path: '/second-of-all', types: ['*'], behaviour: { kind: 'takes' } },
];
