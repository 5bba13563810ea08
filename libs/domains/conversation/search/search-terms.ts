/** One of the things that somebody looks for. */
export interface Term {
  /** `word`: in any of its forms; `phrase`: these words in a row; `prefix`: words that begin so; `without`: not this one. */
  kind: 'word' | 'phrase' | 'prefix' | 'without';
  text: string;
}

/** A shorter beginning is that of too many words. */
const SHORTEST_PREFIX = 2;

/**
 * Reads what somebody typed: words, "phrases in quotes", `-words` that must not be there, and `beginnings*` of words.
 * Nothing is an error: a quote that is not closed ends with the text.
 */
export function searchTerms(text: string): Term[] {
  const terms: Term[] = [];
  for (const [, minus, phrase, word] of text.matchAll(/(-?)(?:"([^"]*)"?|([^\s"]+))/g)) {
    const said = phrase ?? word!;
    if (!/[\p{L}\p{N}]/u.test(said)) continue;
    if (minus === '-') terms.push({ kind: 'without', text: said });
    else if (phrase !== undefined) terms.push({ kind: 'phrase', text: said });
    else if (said.endsWith('*')) terms.push(beginning(said));
    else terms.push({ kind: 'word', text: said });
  }
  return terms;
}

function beginning(said: string): Term {
  const text = said.replace(/\*+$/, '');
  return { kind: [...text].length < SHORTEST_PREFIX ? 'word' : 'prefix', text };
}
