/** Where a found text has what was looked for. */
export interface Highlight {
  part: 'title' | 'message' | 'note';
  /** Null of a title. */
  message_id: string | null;
  /** The text, cut to what stands around the places, in pieces: those that were looked for, and what is between them. */
  pieces: { text: string; match: boolean }[];
}

/** Characters that no text shows, and that are taken out of those that have them. */
export const MATCH_BEGINS = '\u0002';
export const MATCH_ENDS = '\u0003';

/** The pieces of a text with these two characters around its matches. */
export function piecesOf(marked: string): Highlight['pieces'] {
  return marked.split(MATCH_BEGINS).flatMap((part, i) => {
    if (i === 0) return piece(part, false);
    const [match = '', rest = ''] = part.split(MATCH_ENDS);
    return [...piece(match, true), ...piece(rest, false)];
  });
}

function piece(text: string, match: boolean): Highlight['pieces'] {
  return text === '' ? [] : [{ text, match }];
}
