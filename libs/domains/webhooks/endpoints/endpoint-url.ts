/** Why a URL is none to send to, as it stands there; null where it is one. Where its host is is another question. */
export function wrongUrl(text: string, allowsHttp: boolean): string | null {
  const url = URL.parse(text);
  if (url === null || !/^[!-~]+$/.test(text)) return 'is not a URL';
  if (url.protocol !== 'https:' && !(allowsHttp && url.protocol === 'http:')) {
    return allowsHttp ? 'is neither https nor http' : 'is not https';
  }
  if (url.username !== '' || url.password !== '') return 'has a user or a password: send them in a header';
  return text.includes('#') ? 'has a fragment' : null;
}
