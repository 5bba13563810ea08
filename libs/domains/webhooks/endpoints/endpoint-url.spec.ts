import { wrongUrl } from './endpoint-url.js';

it.each([
  'https://hooks.example.org',
  'https://hooks.example.org:8443/a/b?c=d%20e',
  'https://127.0.0.1/',
  'https://[::1]/',
])('%s is one to send to', (url) => {
  expect(wrongUrl(url, false)).toBeNull();
});

it.each([
  ['', 'is not a URL'],
  ['hooks.example.org', 'is not a URL'],
  ['https://', 'is not a URL'],
  [' https://hooks.example.org', 'is not a URL'],
  ['https://hooks.example.org/a b', 'is not a URL'],
  ['https://hooks.example.org/\n', 'is not a URL'],
  ['https://hooks.exämple.org/', 'is not a URL'],
  ['http://hooks.example.org/', 'is not https'],
  ['ftp://hooks.example.org/', 'is not https'],
  ['file:///etc/passwd', 'is not https'],
  ['https://ada@hooks.example.org/', 'has a user or a password: send them in a header'],
  ['https://:secret@hooks.example.org/', 'has a user or a password: send them in a header'],
  ['https://hooks.example.org/#', 'has a fragment'],
  ['https://hooks.example.org/a#b', 'has a fragment'],
])('%j %s', (url, why) => {
  expect(wrongUrl(url, false)).toBe(why);
});

it('may be without TLS where that is allowed', () => {
  expect(wrongUrl('http://hooks.example.org/', true)).toBeNull();
  expect(wrongUrl('https://hooks.example.org/', true)).toBeNull();
  expect(wrongUrl('ftp://hooks.example.org/', true)).toBe('is neither https nor http');
});
