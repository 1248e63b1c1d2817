import type { Container } from 'rhea';

type Plain = (user: string, token: string, host: string | undefined) => boolean;

interface Mechanism {
  outcome: boolean | undefined;
  start(): void;
}

/**
 * The mechanisms of Azure (protocol.md#service-amqp). All but PLAIN let in anybody, who has no right before a token is put: with
 * EXTERNAL, which devices use, the refusal can say more than SASL could.
 */
export function offerMechanisms({ sasl_server_mechanisms: offered }: Container, plain: Plain): void {
  const mechanisms = offered as unknown as Record<string, unknown> & {
    enable_anonymous(): void;
    enable_plain(check: Plain): void;
  };
  mechanisms['MSSBCBS'] = () => anybody();
  mechanisms.enable_plain(plain);
  mechanisms.enable_anonymous();
  mechanisms['EXTERNAL'] = () => anybody();
}

function anybody(): Mechanism {
  return {
    outcome: undefined,
    start() {
      this.outcome = true;
    },
  };
}
