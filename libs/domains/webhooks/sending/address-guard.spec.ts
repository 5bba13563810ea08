import type { LookupAddress } from 'node:dns';
import { AddressGuard } from './address-guard.js';

const address = (text: string): LookupAddress => ({ address: text, family: text.includes(':') ? 6 : 4 });
const resolvesTo =
  (...addresses: string[]) =>
  async () =>
    addresses.map(address);
const unasked = async () => {
  throw new Error('a literal is not looked up');
};

// https://…/ with these hosts; each spelling that WHATWG's parser makes an address of, and each range that is not public.
const HOSTS: [host: string, range: string | null][] = [
  ['1.1.1.1', null],
  ['8.8.8.8', null],
  ['9.255.255.255', null],
  ['11.0.0.0', null],
  ['172.15.255.255', null],
  ['172.32.0.1', null],
  ['100.63.255.255', null],
  ['100.128.0.1', null],
  ['[2606:4700:4700::1111]', null],
  ['[2a00:1450:4001:82b::200e]', null],
  ['[::ffff:8.8.8.8]', null],
  ['[64:ff9b::8.8.8.8]', null],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['127.1', 'loopback'],
  ['127.0.1', 'loopback'],
  ['0177.0.0.1', 'loopback'],
  ['0x7f.0.0.1', 'loopback'],
  ['0x7f000001', 'loopback'],
  ['2130706433', 'loopback'],
  ['017700000001', 'loopback'],
  ['127.0.0.1.', 'loopback'],
  ['１２７.０.０.１', 'loopback'],
  ['127。0。0。1', 'loopback'],
  ['%31%32%37.0.0.1', 'loopback'],
  ['[::1]', 'loopback'],
  ['[0:0:0:0:0:0:0:1]', 'loopback'],
  ['[0000::0001]', 'loopback'],
  ['[::ffff:127.0.0.1]', 'loopback'],
  ['[::ffff:7f00:1]', 'loopback'],
  ['[0:0:0:0:0:ffff:7f00:0001]', 'loopback'],
  ['[64:ff9b::127.0.0.1]', 'loopback'],
  ['[64:ff9b::7f00:1]', 'loopback'],
  ['0.0.0.0', 'unspecified'],
  ['0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['[::]', 'unspecified'],
  ['10.0.0.1', 'private'],
  ['012.0.0.1', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['3232235777', 'private'],
  ['[::ffff:10.0.0.1]', 'private'],
  ['[::ffff:c0a8:101]', 'private'],
  ['[64:ff9b::10.0.0.1]', 'private'],
  ['100.64.0.1', 'carrier grade nat'],
  ['100.127.255.255', 'carrier grade nat'],
  ['169.254.169.254', 'cloud metadata'],
  ['169.254.170.2', 'cloud metadata'],
  ['2852039166', 'cloud metadata'],
  ['0xa9fea9fe', 'cloud metadata'],
  ['0251.0376.0251.0376', 'cloud metadata'],
  ['[::ffff:169.254.169.254]', 'cloud metadata'],
  ['[::ffff:a9fe:a9fe]', 'cloud metadata'],
  ['[64:ff9b::a9fe:a9fe]', 'cloud metadata'],
  ['168.63.129.16', 'cloud metadata'],
  ['100.100.100.200', 'cloud metadata'],
  ['192.0.0.192', 'cloud metadata'],
  ['[fd00:ec2::254]', 'cloud metadata'],
  ['[fd20:ce::254]', 'cloud metadata'],
  ['192.0.0.1', 'reserved'],
  ['192.0.2.1', 'reserved'],
  ['192.88.99.1', 'reserved'],
  ['198.18.0.1', 'reserved'],
  ['198.19.255.255', 'reserved'],
  ['198.51.100.1', 'reserved'],
  ['203.0.113.1', 'reserved'],
  ['240.0.0.1', 'reserved'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['4294967295', 'broadcast'],
  ['[fe80::1]', 'link local'],
  ['[febf::1]', 'link local'],
  ['[fc00::1]', 'unique local'],
  ['[fd12:3456::1]', 'unique local'],
  ['[fec0::1]', 'deprecated site local'],
  ['[ff02::1]', 'multicast'],
  ['[::127.0.0.1]', 'reserved'],
  ['[::7f00:1]', 'reserved'],
  ['[::8.8.8.8]', 'reserved'],
  ['[::ffff:0:127.0.0.1]', 'rfc6145'],
  ['[64:ff9b:1::8.8.8.8]', 'rfc6052'],
  ['[2002:7f00:1::]', '6to4'],
  ['[2002:808:808::1]', '6to4'],
  ['[2001:0:4136:e378:8000:63bf:3fff:fdd2]', 'teredo'],
  ['[2001:db8::1]', 'reserved'],
  ['[3fff::1]', 'reserved'],
  ['[100::1]', 'discard'],
  ['[5f00::1]', 'segment routing'],
  ['[4000::1]', 'reserved'],
];

describe('addresses', () => {
  it.each(HOSTS)('https://%s/ is %s', async (host, range) => {
    const said = await new AddressGuard({ networks: [], http: false }, unasked).checkTarget(`https://${host}/hook`);
    if (range === null) expect(said).toBeNull();
    else expect(said).toMatch(new RegExp(`^\\S+ is an address that webhooks may not reach \\(${range}\\): `));
  });

  it('are judged the same as a name stands for them', async () => {
    for (const [host, range] of HOSTS) {
      const { hostname } = new URL(`https://${host}/`);
      const guard = new AddressGuard({ networks: [], http: false }, resolvesTo(hostname.replace(/^\[|\]$/g, '')));
      expect([host, (await guard.checkTarget('https://hook.example/')) === null]).toEqual([host, range === null]);
    }
  });

  it('that a name stands for are all refused by one sentence, so that it tells nothing of a network', async () => {
    const refused = HOSTS.filter(([, range]) => range !== null).map(([host]) => new URL(`https://${host}/`).hostname);
    const sentences = refused.map(async (hostname) => {
      const guard = new AddressGuard({ networks: [], http: false }, resolvesTo(hostname.replace(/^\[|\]$/g, '')));
      const failure = guard.addressesOf('hook.example').catch(({ detail }) => detail);
      return [await guard.checkTarget('https://hook.example/'), await failure];
    });
    const said = new Set((await Promise.all(sentences)).flat());
    expect([...said]).toEqual([
      'hook.example stands for an address that webhooks may not reach: give a public one, or have its network allowed by HEDDLE_WEBHOOK_NETWORKS.',
    ]);
  });

  it('with a zone are those without', () => {
    const guard = new AddressGuard({ networks: [], http: false });
    expect(guard.forbiddenRange('fe80::1%eth0')).toBe('link local');
  });

  it('that cannot be read are refused', () => {
    expect(new AddressGuard({ networks: [], http: false }).forbiddenRange('127.1')).toBe('no address');
  });
});

describe('networks that are allowed', () => {
  it.each<[string, string, string | null]>([
    ['10.1.0.0/16', '10.1.2.3', null],
    ['10.1.0.0/16', '10.2.0.1', 'private'],
    ['10.1.2.3', '10.1.2.3', null],
    ['10.1.2.3', '10.1.2.4', 'private'],
    ['10.1.0.0/16', '[::ffff:10.1.2.3]', null],
    ['10.1.0.0/16', '[64:ff9b::10.1.2.3]', null],
    ['10.1.0.0/16', '[fd00::1]', 'unique local'],
    ['fd12::/16', '[fd12::1]', null],
    ['fd12::/16', '10.1.2.3', 'private'],
    ['127.0.0.0/8', '127.0.0.1', null],
    ['::1', '[::1]', null],
    ['64:ff9b:1::/48', '[64:ff9b:1::1]', null],
    // What hands out credentials is in no network that somebody means.
    ['0.0.0.0/0', '169.254.169.254', 'cloud metadata'],
    ['0.0.0.0/0', '168.63.129.16', 'cloud metadata'],
    ['::/0', '[fd00:ec2::254]', 'cloud metadata'],
    ['::/0', '[::ffff:169.254.169.254]', 'cloud metadata'],
  ])('%s: %s is %s', async (network, host, range) => {
    const said = await new AddressGuard({ networks: [network], http: false }, unasked).checkTarget(`https://${host}/`);
    expect(said?.match(/\((.*)\)/)?.[1] ?? null).toBe(range);
  });

  it.each(['10.0.0.0/33', '10/8', 'example.com', '', '10.1', 'fd12::/129'])('%j is no network', (network) => {
    expect(() => new AddressGuard({ networks: [network], http: false })).toThrow(`${network} is no network: `);
  });
});

describe('URLs', () => {
  const said = (url: string, http = false) =>
    new AddressGuard({ networks: [], http }, resolvesTo('8.8.8.8')).checkTarget(url);

  it.each([
    ['https://example.com/', null],
    ['https://example.com:8443/a?b=c', null],
    ['http://example.com/', /^Webhooks are sent to https only: .* HEDDLE_WEBHOOK_HTTP\.$/],
    ['ftp://example.com/', /^Webhooks are sent to https only: /],
    ['file:///etc/passwd', /^Webhooks are sent to https only: /],
    ['https://user:secret@example.com/', /^A URL with a user or password in it /],
    ['https://user@example.com/', /^A URL with a user or password in it /],
    ['example.com', /^This is no URL: /],
    ['https://', /^This is no URL: /],
    ['https://1.2.3.4.5/', /^This is no URL: /],
    ['https://[::1/', /^This is no URL: /],
  ])('%s', async (url, sentence) => {
    if (sentence === null) expect(await said(url)).toBeNull();
    else expect(await said(url)).toMatch(sentence);
  });

  it('of http are fine where http is allowed, and are judged as well', async () => {
    expect(await said('http://example.com/', true)).toBeNull();
    expect(await said('http://10.0.0.1/', true)).toMatch(/\(private\)/);
    expect(await said('ftp://example.com/', true)).toMatch(/^Webhooks are sent to https only: /);
  });
});

describe('names', () => {
  const guard = (resolve: () => Promise<LookupAddress[]>) => new AddressGuard({ networks: [], http: false }, resolve);
  const lookedUp = (of: AddressGuard, all: boolean) =>
    new Promise((resolve) => of.lookup('hook.example', { all }, (error, ...found) => resolve(error ?? found)));

  it('are refused where one of several addresses is private, wherever it stands', async () => {
    const mixed = ['8.8.8.8', '2606:4700::1', '10.0.0.1'];
    for (const turn of [0, 1, 2]) {
      const addresses = [...mixed.slice(turn), ...mixed.slice(0, turn)];
      const of = guard(resolvesTo(...addresses));
      expect(await of.checkTarget('https://hook.example/')).toMatch(/^hook\.example stands for an address /);
      expect(await lookedUp(of, true)).toMatchObject({ error: 'address_refused' });
      expect(await lookedUp(of, false)).toMatchObject({ error: 'address_refused' });
    }
  });

  it('are judged at each look-up: what was public a moment ago is not believed', async () => {
    const answers = ['8.8.8.8', '127.0.0.1'];
    let asked = 0;
    const of = guard(async () => [address(answers[asked++]!)]);
    expect(await of.checkTarget('https://hook.example/')).toBeNull();
    expect(await lookedUp(of, true)).toMatchObject({ error: 'address_refused' });
  });

  it('give a socket the addresses that were judged, from one look-up', async () => {
    let asked = 0;
    const of = guard(async () => {
      asked++;
      return [address('8.8.8.8'), address('2606:4700::1')];
    });
    expect(await lookedUp(of, true)).toEqual([[address('8.8.8.8'), address('2606:4700::1')], undefined]);
    expect(await lookedUp(of, false)).toEqual(['8.8.8.8', 4]);
    expect(asked).toBe(2);
  });

  it('that do not resolve are fine when an endpoint is made, and fail when it is reached', async () => {
    const unknown = guard(async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND hook.example'), { code: 'ENOTFOUND' });
    });
    for (const one of [unknown, guard(resolvesTo())]) {
      expect(await one.checkTarget('https://hook.example/')).toBeNull();
      expect(await lookedUp(one, true)).toMatchObject({ error: 'dns_failed', detail: 'ENOTFOUND' });
    }
  });

  it('name no address in what a workspace reads', async () => {
    expect(await guard(resolvesTo('10.11.12.13')).checkTarget('https://hook.example/')).not.toMatch(/10\.11\.12\.13/);
  });

  it('of this machine are found by the system, and refused', async () => {
    const of = new AddressGuard({ networks: [], http: false });
    expect(await of.checkTarget('https://localhost/')).toMatch(/^localhost stands for an address /);
  });
});
