import type { SecureContext } from 'node:tls';

import { asciiLowerCase } from '../../ascii.js';
import type { Faults } from './faults.js';

/** The part of a TLS server's options that asks by which certificate it answers, for each server name. */
export interface NameChoice {
  SNICallback?: (name: string, answer: (error: Error | null, context?: SecureContext) => void) => void;
}

export interface TlsFaultsOptions {
  readonly faults: Faults;
  /** Told of the name as soon as the client said it. */
  named(name: string): void;
  expired(): Promise<SecureContext>;
}

/** The faults of one handshake. Without any it costs nothing; a client that says no server name is not struck. */
export function tlsFaults({ faults, named, expired }: TlsFaultsOptions): NameChoice {
  if (!faults.has('refuseTls', 'expiredCertificate')) return {};
  return {
    SNICallback: (name, answer) => {
      const service = asciiLowerCase(name);
      named(service);
      if (faults.take('refuseTls', { service })) return answer(new Error('refused by a fault'));
      if (faults.take('expiredCertificate', { service }) === undefined) return answer(null);
      expired().then((context) => answer(null, context), answer);
    },
  };
}
