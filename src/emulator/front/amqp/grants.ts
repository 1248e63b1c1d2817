import type { Clock, Timer } from '../../../clock/index.js';
import { rememberSignature } from '../../../known-signatures.js';
import {
  statusAnswer,
  type AmqpError,
  type AmqpGrant,
  type AmqpMessage,
  type AmqpNode,
  type AmqpService,
} from '../../contract/amqp-service.js';

/** Tokens of one connection; chosen. */
const MAX_GRANTS = 512;
/** The node that takes tokens (CBS, protocol.md#service-amqp). */
export const CBS = '$cbs';

export interface GrantsOptions {
  readonly clock: Clock;
  service(): AmqpService | undefined;
  /** A token was taken. */
  accepted(): void;
  /** A token was refused: to whom it was put, and why. */
  refused(reason: string): void;
  /** A token has expired: what was opened with it has to go. */
  expired(): void;
}

/** What the tokens of one connection allow. */
export class Grants {
  readonly #options: GrantsOptions;
  readonly #grants = new Map<string, AmqpGrant & { readonly timer: Timer }>();

  constructor(options: GrantsOptions) {
    this.#options = options;
  }

  /** Puts a token. @returns Why it is refused, in words; undefined where it is taken. */
  put(audience: string, token: string): string | undefined {
    rememberSignature(token);
    const service = this.#options.service();
    if (service === undefined) return 'no hub has the name that was asked for';
    const grant = service.authorize(audience, token);
    if (typeof grant === 'string') return grant;
    const { clock, expired } = this.#options;
    this.#grants.get(grant.path)?.timer.cancel();
    if (this.#grants.size >= MAX_GRANTS) return `the connection has ${MAX_GRANTS} tokens already`;
    const timer = clock.setTimer(grant.expiresAt - clock.now(), () => {
      this.#grants.delete(grant.path);
      expired();
    });
    this.#grants.set(grant.path, { ...grant, timer });
    this.#options.accepted();
    return undefined;
  }

  /** Why a node may not be used; undefined where it may. */
  fault({ path, right }: Pick<AmqpNode, 'path' | 'right'>): AmqpError | undefined {
    const covering = [...this.#grants.values()].filter((grant) => covers(grant.path, path));
    if (covering.some(({ rights }) => rights.includes(right))) return undefined;
    const why = covering.length === 0 ? `No token was put for ${path}` : `The token has no right ${right}`;
    return { condition: 'amqp:unauthorized-access', description: `${why}, or it has expired.` };
  }

  /** What `$cbs` answers. */
  take(message: AmqpMessage, answer: (message: AmqpMessage) => void): AmqpError | undefined {
    const { operation, name } = (message['application_properties'] ?? {}) as Record<string, unknown>;
    const [status, description] = this.#status(operation, name, message['body']);
    answer(statusAnswer(message, status, description));
    return undefined;
  }

  close(): void {
    for (const { timer } of this.#grants.values()) timer.cancel();
    this.#grants.clear();
  }

  #status(operation: unknown, name: unknown, token: unknown): [status: number, description: string] {
    if (operation !== 'put-token' || typeof name !== 'string' || typeof token !== 'string')
      return [400, 'It has to be put-token, with a name, and a token as body.'];
    const fault = this.put(name, token);
    if (fault === undefined) return [200, 'OK'];
    this.#options.refused(`put-token for ${name}: ${fault}`);
    return [401, `Unauthorized: ${fault}`];
  }
}

function covers(granted: string, path: string): boolean {
  return granted === '' || path === granted || path.startsWith(`${granted}/`);
}
