const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const NOT_OF_A_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
/** What frames the request, or names its receiver: HTTP's own business, and a way around the guard. */
const OF_HTTP = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Why a header cannot be sent, in a sentence; null where it can. */
export function headerFault(name: string, value: string): string | null {
  if (!NAME.test(name)) return 'A header has a name of letters, digits and hyphens.';
  if (NOT_OF_A_VALUE.test(value)) return `The value of the header ${name} has a character that HTTP has no room for.`;
  return OF_HTTP.has(name.toLowerCase()) ? `The header ${name} is made with the request: choose another one.` : null;
}

/** The first fault of names and values in turn. Undici loses a connection over a header that it cannot send. */
export function faultOf(headers: readonly string[]): string | null {
  for (let index = 0; index < headers.length; index += 2) {
    const fault = headerFault(headers[index]!, headers[index + 1] ?? '');
    if (fault !== null) return fault;
  }
  return headers.length % 2 === 0 ? null : 'A header has no value.';
}
