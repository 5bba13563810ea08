import { z } from 'zod';
import { externalIdField, slugField, textField } from '../../../platform/operations/fields.js';

export const importedMessage = z
  .strictObject({
    id: externalIdField.describe("The source's id of the message, unique within its conversation."),
    at: z.iso.datetime().describe('When it was written, UTC.'),
    author: z.strictObject({
      type: z.enum(['customer', 'agent']).describe('An agent becomes a user.'),
      id: externalIdField.describe("The source's id of the author."),
    }),
    text: textField(1, 100_000),
    resolves: z.boolean().optional().describe('Whether it closed the conversation.'),
    article: textField(1, 255).optional().describe('The help article that it links.'),
  })
  .meta({ id: 'ImportedMessage' });

const MOST_MESSAGES = 10_000;

/** One line of an import: a conversation of another system with all its messages, in their order. */
export const importLine = z
  .strictObject({
    organization: textField(1, 200).optional().describe('Whose support it is: a workspace, where asked for.'),
    conversation: externalIdField.describe("The source's id of the conversation."),
    channel: slugField,
    customer: externalIdField.describe("The source's id of the customer who opened it."),
    messages: z.array(importedMessage).min(1).max(MOST_MESSAGES),
  })
  .meta({ id: 'ImportLine' });

/** What is looked at of a line before its messages are. */
export const importLineOutside = importLine.extend({ messages: z.array(z.unknown()).min(1).max(MOST_MESSAGES) });

export type ImportLine = z.output<typeof importLine>;
