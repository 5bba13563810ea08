const SAYS_NOTHING = /^(utils?|helpers?|common|managers?|misc|shared|base|index|types)$/;

/** Whether a file's name says what is in it: none of its words may be one that fits anything. */
export function saysWhatIsInIt(path: string): boolean {
  const words = path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z]+/);
  return !words.some((word) => /^(utils?|helpers?|common|managers?)$/.test(word)) && !SAYS_NOTHING.test(words[0]!);
}
