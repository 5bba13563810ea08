import { connect as connectPlain, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls, createSecureContext, DEFAULT_CIPHERS, type SecureContext } from 'node:tls';
import type { buildConnector } from 'undici';
import type { AddressGuard } from './address-guard.js';
import { DeliveryFailure } from './delivery-failure.js';

export interface ClientCertificate {
  /** PEM. */
  cert: string;
  key: string;
}

/**
 * In TLS 1.2 the receiver chooses the prime of finite-field Diffie-Hellman, and one of 10,000 bits, which OpenSSL takes, stops
 * the process for seconds at each handshake. Who has that has elliptic curves as well.
 */
const CIPHERS = `${DEFAULT_CIPHERS}:!kDHE`;

/**
 * Connects undici to addresses that the guard lets through and to no others. Every failure is a DeliveryFailure that says
 * how far it came: undici's own connector tells a certificate from a cable by nothing but words.
 */
export function guardedConnector(
  guard: AddressGuard,
  certificate: ClientCertificate | null,
  withinMs: number,
): buildConnector.connector {
  let context: SecureContext | undefined;
  let session: Buffer | undefined;

  function open(secure: boolean, to: TcpNetConnectOpts): Socket {
    if (!secure) return connectPlain(to);
    context ??= createSecureContext({ ...certificate, ciphers: CIPHERS });
    const servername = isIP(to.host!) === 0 ? to.host : undefined;
    const socket = connectTls({ ...to, servername, session, secureContext: context, ALPNProtocols: ['http/1.1'] });
    return socket.on('session', (ticket) => {
      session = ticket;
    });
  }

  return ({ hostname, port, protocol }, callback) => {
    const fail = (failure: DeliveryFailure) => process.nextTick(callback, failure, null);
    // A socket asks no `lookup` about an address.
    const range = isIP(hostname) === 0 ? null : guard.forbiddenRange(hostname);
    if (range !== null) return fail(new DeliveryFailure('address_refused', range));

    const secure = protocol === 'https:';
    let socket: Socket;
    try {
      socket = open(secure, { host: hostname, port: Number(port) || (secure ? 443 : 80), lookup: guard.lookup });
    } catch (error) {
      return fail(new DeliveryFailure('tls_failed', codeOf(error)));
    }
    let phase: 'connect_failed' | 'tls_failed' = 'connect_failed';
    const clock = setTimeout(() => socket.destroy(new DeliveryFailure('timeout', phase)), withinMs);
    const failed = (error: Error) => {
      clearTimeout(clock);
      callback(error instanceof DeliveryFailure ? error : new DeliveryFailure(phase, codeOf(error)), null);
    };
    socket.setNoDelay(true);
    socket.once('error', failed);
    socket.once('connect', () => {
      phase = 'tls_failed';
    });
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      clearTimeout(clock);
      // Whoever hears of errors from here on is undici.
      socket.off('error', failed);
      if (secure) socket.on('error', (error) => refusedLate(socket, error));
      callback(null, socket);
    });
  };
}

/**
 * In TLS 1.3 a receiver refuses a client's certificate after the client's handshake is over: an error, and then the end of
 * the connection, which is all that undici would tell.
 */
function refusedLate(socket: Socket, error: Error): void {
  if (codeOf(error).startsWith('ERR_SSL_')) socket.destroy(new DeliveryFailure('tls_failed', codeOf(error)));
}

/** Of several addresses that were tried, the last one's. */
function codeOf(error: unknown): string {
  const { code, errors } = error as { code?: string; errors?: unknown[] };
  if (errors !== undefined && errors.length > 0) return codeOf(errors.at(-1));
  return code ?? String((error as Error).message);
}
