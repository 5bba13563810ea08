import { languageOf } from './language-of.js';

it.each([
  ['english', 'How long does it take until my parcel is booked?'],
  ['german', 'Wie lange dauert es, bis mein Paket bei euch ankommt und gebucht ist?'],
  ['french', 'Je vous écris car le colis que nous avons commandé est arrivé cassé.'],
  ['spanish', 'Hola, no tengo el paquete y no sé cómo está el pedido.'],
  ['italian', 'Non ho ancora ricevuto il pacco, e vorrei sapere come mai.'],
  ['portuguese', 'Não recebi o pacote e você não me respondeu, obrigado.'],
  ['dutch', 'Ik heb het pakket nog niet ontvangen, kan dat worden nagekeken?'],
  ['swedish', 'Jag har inte fått paketet och undrar hur det går.'],
  ['danish', 'Jeg har ikke fået pakken af jer, hvordan går det?'],
  ['norwegian', 'Jeg har ikke fått pakken av dere, hvordan går det?'],
  ['finnish', 'En ole saanut pakettia, ja onko se nyt matkalla?'],
  ['russian', 'Я не получил посылку, и мне никто не отвечает.'],
  ['simple', 'Order 4711'],
  ['simple', ''],
])('takes for %s: %s', (language, text) => {
  expect(languageOf(text)).toBe(language);
});

it('looks at the beginning of a long text alone', () => {
  expect(languageOf(`${'лодка '.repeat(2000)}the and of to is`)).toBe('simple');
});
