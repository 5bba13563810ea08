import { z } from 'zod';
import type { Chosen, Existence, FilterOf, One } from './filter.js';
import { chosen, chosenBy, chosenOrNone, existence, filterSchemas, one } from './filter-schemas.js';

type Condition =
  | Chosen<'status', 'open' | 'closed'>
  | Chosen<'label', string>
  | Existence<'label' | 'title'>
  | One<'title', string>
  | One<'locked', boolean>;

export type FixtureFilter = FilterOf<Condition>;

/** What the specs ask for with filters. */
export const fixtureFilter = filterSchemas<Condition>(
  chosenBy('field', [
    chosen('status', z.enum(['open', 'closed'])),
    chosenOrNone('label', z.string()),
    chosenBy('op', [one('title', z.string()), existence('title')]),
    one('locked', z.boolean()),
    z.strictObject({ field: z.literal('tools'), op: z.literal('is'), value: z.array(z.string()).max(200) }),
  ]),
  { id: 'FixtureFilter', description: 'A filter.' },
);
