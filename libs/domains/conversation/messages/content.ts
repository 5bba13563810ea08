import type { z } from 'zod';
import { Problem } from '../../../platform/kernel/problem.js';
import { type Block, plainTextOf, whyUnfit } from './blocks.js';
import type { AiTrace, Content, MessageType } from './message.commands.js';
import type { aiField } from './message.resources.js';

const MOST_TEXT = 100_000;

/** What a request says, as it is kept. Throws `content_mismatch`. */
export function contentOf({
  type,
  text,
  blocks,
}: {
  type: MessageType;
  text?: string | undefined;
  blocks?: readonly Block[] | undefined;
}): Content {
  if (type !== 'rich') {
    if (blocks !== undefined) throw mismatch(`A message of the type ${type} has no blocks. Make it a rich one.`);
    if (text === undefined) throw mismatch(`A message of the type ${type} has a text.`);
    return { messageType: type, text, blocks: null };
  }
  if (blocks === undefined) throw mismatch('A rich message has blocks.');
  const unfit = whyUnfit(blocks);
  if (unfit !== null) throw mismatch(unfit);
  const shown = text ?? [...plainTextOf(blocks)].slice(0, MOST_TEXT).join('');
  return { messageType: type, text: shown, blocks: JSON.stringify(blocks) };
}

export function mismatch(detail: string): Problem {
  return new Problem('content_mismatch', detail);
}

export function traceOf(ai: z.output<typeof aiField> | undefined): AiTrace | null {
  if (ai === undefined) return null;
  return {
    model: ai.model,
    confidence: ai.confidence ?? null,
    sources: ai.sources === undefined ? null : JSON.stringify(ai.sources),
    readThroughSeq: ai.read_through_seq ?? null,
  };
}
