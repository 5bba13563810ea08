import { z } from 'zod';
import { slugField, textField } from '../../../platform/operations/fields.js';

const MOST_BLOCKS = 50;
const MOST_OPTIONS = 100;

const blockId = slugField.describe('Names it among the blocks of its message.');
const labelField = textField(1, 200);
/** Where a link may lead: no scheme runs a program, or reads a file, of whoever follows it. */
export const urlField = z
  .string()
  .max(2000)
  .regex(/^https:\/\/[\x21\x23-\x5b\x5d\x5f\x61-\x7a\x7e]+$/, 'is not an https address');

const option = z.strictObject({ value: textField(1, 200), label: labelField });

/** What a rich message is made of. Published in the OpenAPI document as `MessageBlock`. */
export const blockField = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text'), text: textField(1, 20_000) }),
    z.strictObject({
      type: z.literal('list'),
      style: z.enum(['bulleted', 'numbered']),
      items: z.array(textField(1, 2000)).min(1).max(100),
    }),
    z.strictObject({ type: z.literal('image'), url: urlField, alt: textField(1, 500) }),
    z.strictObject({ type: z.literal('divider') }),
    z.strictObject({
      type: z.literal('button'),
      id: blockId,
      label: labelField,
      value: textField(1, 200).optional().describe('What comes back when it is chosen; else its label.'),
      url: urlField.optional().describe('Where it leads; one that leads somewhere is not chosen.'),
    }),
    z.strictObject({
      type: z.literal('quick_reply'),
      id: blockId,
      label: labelField,
      value: textField(1, 200).optional().describe('What comes back when it is chosen; else its label.'),
    }),
    z.strictObject({
      type: z.literal('form_field'),
      id: blockId,
      label: labelField,
      kind: z.enum(['text', 'email', 'number', 'date', 'checkbox', 'select']),
      required: z.boolean().default(false),
      options: z.array(option).min(1).max(MOST_OPTIONS).optional().describe('Of a `select`, and of no other.'),
    }),
  ])
  .meta({ id: 'MessageBlock', description: 'A part of a rich message.' });

export const blocksField = z.array(blockField).min(1).max(MOST_BLOCKS);

export type Block = z.output<typeof blockField>;
type FormField = Extract<Block, { type: 'form_field' }>;

export const choiceField = z
  .strictObject({
    block_id: slugField,
    value: z
      .union([textField(0, 10_000), z.number(), z.boolean()])
      .optional()
      .describe("What was put into a form field; a button's and quick reply's is known."),
  })
  .meta({ id: 'MessageChoice' });

export interface Choice {
  block_id: string;
  value: string | number | boolean;
}

/** Why blocks cannot stand together in one message, as a sentence; null where they can. */
export function whyUnfit(blocks: readonly Block[]): string | null {
  const ids = new Set<string>();
  for (const block of blocks) {
    if ('id' in block) {
      if (ids.has(block.id)) return `Two blocks have the id ${block.id}. Give each its own.`;
      ids.add(block.id);
    }
    if (block.type !== 'form_field') continue;
    if (block.kind === 'select' && block.options === undefined) return `The select ${block.id} has no options.`;
    if (block.kind !== 'select' && block.options !== undefined) {
      return `The form field ${block.id} is no select, and takes no options.`;
    }
  }
  return null;
}

/** What is shown of blocks where blocks are not: a line each. */
export function plainTextOf(blocks: readonly Block[]): string {
  const lines = blocks.flatMap((block) => {
    switch (block.type) {
      case 'text':
        return [block.text];
      case 'list':
        return block.items.map((item, i) => (block.style === 'numbered' ? `${i + 1}. ${item}` : `• ${item}`));
      case 'image':
        return [block.alt];
      case 'divider':
        return [];
      case 'button':
      case 'quick_reply':
      case 'form_field':
        return [block.label];
      default:
        return block satisfies never;
    }
  });
  return lines.join('\n');
}

/**
 * The choices as they are kept, each with its value; or a sentence on what the message does not offer. With a form's
 * field come all that the form requires.
 */
export function chosenFrom(
  blocks: readonly Block[],
  choices: readonly z.output<typeof choiceField>[],
): Choice[] | string {
  const chosen: Choice[] = [];
  const seen = new Set<string>();
  for (const { block_id: id, value } of choices) {
    if (seen.has(id)) return `The block ${id} is named twice.`;
    seen.add(id);
    const block = blocks.find((one) => 'id' in one && one.id === id);
    if (block?.type === 'form_field') {
      const wrong = whyNoAnswer(block, value);
      if (wrong !== null) return wrong;
      chosen.push({ block_id: id, value: value! });
    } else if (block?.type === 'quick_reply' || (block?.type === 'button' && block.url === undefined)) {
      const known = block.value ?? block.label;
      if (value !== undefined && value !== known) return `The value of ${id} is not the one that the message offers.`;
      chosen.push({ block_id: id, value: known });
    } else {
      return `The message offers no choice ${id}.`;
    }
  }
  const fields = blocks.filter((block) => block.type === 'form_field');
  if (!fields.some(({ id }) => seen.has(id))) return chosen;
  const missing = fields.find(({ id, required }) => required && !seen.has(id));
  return missing === undefined ? chosen : `The form requires ${missing.id}.`;
}

function whyNoAnswer(field: FormField, value: unknown): string | null {
  const is = `The form field ${field.id} is`;
  switch (field.kind) {
    case 'text':
      return typeof value === 'string' ? null : `${is} a text.`;
    case 'email':
      return typeof value === 'string' && /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(value)
        ? null
        : `${is} an e-mail address.`;
    case 'number':
      return typeof value === 'number' ? null : `${is} a number.`;
    case 'date':
      return typeof value === 'string' && z.iso.date().safeParse(value).success ? null : `${is} a date, YYYY-MM-DD.`;
    case 'checkbox':
      return typeof value === 'boolean' ? null : `${is} true or false.`;
    case 'select':
      return (field.options ?? []).some((one) => one.value === value) ? null : `${is} one of its options.`;
    default:
      return field.kind satisfies never;
  }
}
