/** OpenSSL's and Node.js's codes of a certificate that was refused, by us or by the other side, or cannot be used. */
const REFUSED =
  /^(CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH|ERR_TLS_CERT_|ERR_OSSL_|ERR_SSL_.*(CERTIFICATE|UNKNOWN_CA))/;
/** What answered speaks no TLS. */
const NO_TLS = /^(EPROTO|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG)/;

/** Whether a connection failed for a certificate, or for want of TLS at the other side; null for any other reason. */
export function tlsTrouble(error: { code?: unknown }): 'certificate' | 'no TLS' | null {
  if (typeof error.code !== 'string') return null;
  if (REFUSED.test(error.code)) return 'certificate';
  return NO_TLS.test(error.code) ? 'no TLS' : null;
}
