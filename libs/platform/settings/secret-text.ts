export const SECRET_MIN = 16;
const SECRET_MAX = 256;

/** Whether a text can be a secret that is sent in a header: 16 to 256 printable ASCII characters without a space. */
export function isSecretText(text: string): boolean {
  return text.length >= SECRET_MIN && text.length <= SECRET_MAX && /^[\x21-\x7e]+$/.test(text);
}
