import { textField } from '../../../platform/operations/fields.js';
import { mismatch } from './content.js';

/**
 * As it is published, which takes more than `requireEmoji` does: what is an emoji, a pattern of JSON Schema cannot say.
 * The ASCII before the others begins a keycap.
 */
export const emojiField = textField(1, 34)
  .regex(/^(?::[a-z0-9_+-]{1,32}:|[#*0-9]?[^ -~]{1,16})$/u, 'is no emoji')
  .describe('An emoji, fully qualified (RGI), or a short name of one between colons, such as `:thumbs_up:`.');

const EMOJI = /^\p{RGI_Emoji}$/v;

/** An emoji stands in the open: any other text could name a person. Throws `content_mismatch`. */
export function requireEmoji(emoji: string): void {
  if (emoji.startsWith(':') || EMOJI.test(emoji)) return;
  throw mismatch('The emoji is none that Unicode recommends for general interchange. Send one, or a name as :name:.');
}
