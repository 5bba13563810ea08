import { z } from 'zod';
import { slugField } from '../../../platform/operations/fields.js';
import { AVAILABILITIES, MOST_SKILLS } from './availability.commands.js';

const statusField = z.enum(AVAILABILITIES);

/** What a user or an AI agent is shown with. */
export const availabilityShown = {
  status: statusField.describe('`offline` until something else is said.'),
  skills: z.array(slugField),
  capacity: z.int().nullable().describe('How many open conversations are meant to be assigned; null for no bound.'),
};

/** What a request may change of it. */
export const availabilityBody = {
  status: statusField.optional(),
  skills: z
    .array(slugField)
    .max(MOST_SKILLS)
    .optional()
    .describe('The skills from then on; one that is named twice is one.'),
  capacity: z
    .int()
    .min(0)
    .max(100_000)
    .nullable()
    .optional()
    .describe('How many open conversations are meant to be assigned; null for no bound. Nothing is refused for it.'),
};

/** What a list can be narrowed to. */
export const availabilityQuery = {
  status: statusField.optional(),
  skill: slugField.optional(),
};
