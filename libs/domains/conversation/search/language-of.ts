/** Postgres's text search configurations that texts are stemmed by; `simple` stems nothing. */
export type Language = keyof typeof FREQUENT | 'simple';

/** Of each language some of its most frequent words, and none that says something: these are in nearly every sentence. */
const FREQUENT = {
  english:
    'the and of to is in it you that was for are with have this but not be my your we they from at i can would there what how do does',
  german:
    'der die das und ist nicht ich es ein eine einen mit den dem zu auf für von sie wir mir ihr auch wie haben habe kann wird bei noch aber',
  french:
    'le la les des et est un une je vous nous que qui dans pour pas ne sur avec mon ma mes ce cette il elle au aux du être avez suis',
  spanish:
    'el la los las y es un una que de en no por para con se mi su lo como pero más esta este está muy tengo hola del al yo usted',
  italian:
    'il lo la gli le e è un una che di non per con mi ho ma si come sono questo questa del della nel anche alla più vorrei grazie',
  portuguese:
    'o a os as e é um uma que de não em por para com meu minha se na no do da dos das mas como está você muito obrigado eu',
  dutch:
    'de het een en is van ik niet dat op te zijn voor met je mijn aan er maar om ook naar heb kan wordt bij wij u deze nog',
  swedish:
    'och det att en ett är jag inte som på för med den har till av om men vi du mig min kan från så hur vad ni eller mycket',
  danish:
    'og det at en et er jeg ikke som på for med den har til af om men vi du mig min kan fra så hvordan hvad eller meget nogle efter',
  norwegian:
    'og det at en et er jeg ikke som på for med den har til av om men vi du meg min kan fra så hvordan hva eller mye noen etter dere',
  finnish:
    'ja on ei se en että mutta minun minä olen ovat tämä kun niin myös kuin voin hän mitä miten onko mikä jos tai nyt vain sitä ole kiitos',
  russian:
    'и в не на я что с как это по но к у вы мы из за для мне меня от так есть или если же бы он она они был была мой при',
} as const;

const LANGUAGES = Object.keys(FREQUENT) as (keyof typeof FREQUENT)[];
const LANGUAGES_OF = new Map<string, (keyof typeof FREQUENT)[]>();
for (const language of LANGUAGES) {
  for (const word of FREQUENT[language].split(' ')) {
    LANGUAGES_OF.set(word, [...(LANGUAGES_OF.get(word) ?? []), language]);
  }
}

const MOST_WORDS = 300;

/**
 * The language that has the most of its frequent words among the first words of a text; of equals the first in the list above.
 * The same text has the same language for ever: the rows that a rebuild makes hang on it. A text of few words is often not
 * recognized, and costs little: what stands in it is found as it stands, whatever the language.
 */
export function languageOf(text: string): Language {
  const counts = new Map<keyof typeof FREQUENT, number>();
  let words = 0;
  for (const [word] of text
    .slice(0, 20 * MOST_WORDS)
    .toLowerCase()
    .matchAll(/\p{L}+/gu)) {
    for (const language of LANGUAGES_OF.get(word) ?? []) counts.set(language, (counts.get(language) ?? 0) + 1);
    if (++words === MOST_WORDS) break;
  }
  let best: Language = 'simple';
  let most = 0;
  for (const language of LANGUAGES) {
    const count = counts.get(language) ?? 0;
    if (count > most) [best, most] = [language, count];
  }
  return best;
}
