import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { DeliveryFailure } from './delivery-failure.js';
import { NameResolver, type ResolveName } from './name-resolver.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = [Address, number];

export interface GuardRules {
  /** Networks beyond the public ones that may be reached: CIDRs, or single addresses. */
  networks: readonly string[];
  /** Whether http is taken beside https. */
  http: boolean;
}

/**
 * Where clouds hand credentials to whoever asks from inside, some of it in public or private space. No network that is
 * allowed takes these in.
 */
const METADATA = [
  // AWS, Azure, Google, Oracle, DigitalOcean, Tencent; containers on AWS.
  '169.254.0.0/16',
  // Azure's wire server, a public address.
  '168.63.129.16/32',
  // Alibaba, in the space of carriers.
  '100.100.100.200/32',
  // Oracle's older one.
  '192.0.0.192/32',
  // AWS and Google, in the space of unique local addresses.
  'fd00:ec2::/32',
  'fd20:ce::254/128',
].map(network);
const GLOBAL_UNICAST = network('2000::/3');
const NAT64 = network('64:ff9b::/96');

/**
 * Which addresses webhooks may reach. Judged is the address that the socket is about to use, each time it connects: what a
 * name stood for a moment ago says nothing.
 */
export class AddressGuard {
  private readonly networks: readonly Network[];

  /** Throws where a network is none. */
  constructor(
    private readonly rules: GuardRules,
    private readonly resolve: ResolveName = new NameResolver().resolve,
  ) {
    this.networks = rules.networks.map(network);
  }

  /**
   * Null where an endpoint may have this URL; else a sentence that says why not. The same judgement as at delivery, so that
   * nobody learns of it only then. A name that does not resolve yet is fine.
   */
  async checkTarget(text: string): Promise<string | null> {
    if (!URL.canParse(text)) return 'This is no URL: give one such as https://example.com/webhooks.';
    const url = new URL(text);
    const refusal = this.urlRefusal(url);
    if (refusal !== null) return refusal;
    const host = hostOf(url);
    if (isIP(host) !== 0) return null;
    try {
      await this.addressesOf(host);
    } catch (error) {
      if ((error as DeliveryFailure).error === 'address_refused') return (error as DeliveryFailure).detail;
    }
    return null;
  }

  /** What the text of a URL alone forbids. WHATWG's parser has made every spelling of an address into its plain one. */
  urlRefusal(url: URL): string | null {
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      return 'Webhooks are sent to https only: give an https URL.';
    if (url.protocol === 'http:' && !this.rules.http) {
      return 'Webhooks are sent to https only: give an https URL, or have http allowed by HEDDLE_WEBHOOK_HTTP.';
    }
    if (url.username !== '' || url.password !== '') {
      return 'A URL with a user or password in it is shown to all who read it: give the endpoint a header instead.';
    }
    const host = hostOf(url);
    const range = isIP(host) === 0 ? null : this.forbiddenRange(host);
    return range === null ? null : refusalOf(host, 'is', ` (${range})`);
  }

  /** Throws a DeliveryFailure where the name stands for nothing, or for even one address that may not be reached. */
  async addressesOf(name: string): Promise<LookupAddress[]> {
    const addresses = await this.resolve(name).catch((error) => {
      throw new DeliveryFailure('dns_failed', error.code ?? 'ENOTFOUND');
    });
    if (addresses.length === 0) throw new DeliveryFailure('dns_failed', 'ENOTFOUND');
    for (const { address } of addresses) {
      // Not in which range: by that a workspace would learn what lies behind the names of this network.
      if (this.forbiddenRange(address) !== null) {
        throw new DeliveryFailure('address_refused', refusalOf(name, 'stands for', ''));
      }
    }
    return addresses;
  }

  /** `lookup` of a socket: it gets the addresses that were judged, so that no second look-up can give it others. */
  readonly lookup = (
    name: string,
    options: LookupOptions,
    done: (error: NodeJS.ErrnoException | null, addresses: string | LookupAddress[], family?: number) => void,
  ): void => {
    this.addressesOf(name).then(
      (addresses) => (options.all ? done(null, addresses) : done(null, addresses[0]!.address, addresses[0]!.family)),
      (error) => done(error, []),
    );
  };

  /** The word for why an address may not be reached; null where it may. */
  forbiddenRange(text: string): string | null {
    if (isIP(text) === 0) return 'no address';
    const given = ipaddr.parse(text);
    const meant = embedded(given) ?? given;
    const within = (networks: readonly Network[]) =>
      networks.some((one) => contains(one, given) || contains(one, meant));
    if (within(METADATA)) return 'cloud metadata';
    if (within(this.networks)) return null;
    // What lies outside of it has ranges that no list names, such as ::/96, which some systems take for IPv4.
    if (meant.kind() === 'ipv6' && !contains(GLOBAL_UNICAST, meant)) return named(meant, 'reserved');
    return named(meant, null);
  }
}

/** The IPv4 address that the system, or a NAT64 on the way, makes of an IPv6 one. 6to4 and Teredo are refused instead. */
function embedded(address: Address): Address | null {
  if (!(address instanceof ipaddr.IPv6)) return null;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return contains(NAT64, address) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : null;
}

function named(address: Address, forUnicast: string | null): string | null {
  const range = address.range();
  if (range === 'unicast') return forUnicast;
  return range.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function contains([base, bits]: Network, address: Address): boolean {
  if (base instanceof ipaddr.IPv4) return address instanceof ipaddr.IPv4 && address.match(base, bits);
  return address instanceof ipaddr.IPv6 && address.match(base, bits);
}

function network(text: string): Network {
  if (isIP(text) !== 0) return [ipaddr.parse(text), isIP(text) === 4 ? 32 : 128];
  if (isIP(text.split('/')[0]!) === 0 || !ipaddr.isValidCIDR(text)) {
    throw new Error(`${text} is no network: give it as a CIDR, such as 10.1.0.0/16 or fd12:3456::/32.`);
  }
  return ipaddr.parseCIDR(text);
}

function refusalOf(host: string, verb: string, range: string): string {
  return `${host} ${verb} an address that webhooks may not reach${range}: give a public one, or have its network allowed by HEDDLE_WEBHOOK_NETWORKS.`;
}

function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
