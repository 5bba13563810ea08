/** The control characters of eight bits, line ends of Unicode's, and what turns the direction of a text. */
const OBEYED = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * The same JSON with what a terminal would obey escaped. JSON itself escapes what is below a space; the rest can stand in its
 * texts only, which other people wrote.
 */
export function printableJson(json: string): string {
  return json.replace(OBEYED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Any text on one line, with what a terminal would obey escaped as in JSON. */
export function printableText(text: string): string {
  return printableJson(JSON.stringify(text).slice(1, -1));
}
