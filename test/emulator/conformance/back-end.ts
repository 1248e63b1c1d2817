// A back end that says exactly what it is told to, over HTTPS in the process.
import { ask, type Asking, type Reply } from '../https.js';
import { HUB, sasToken, type World } from '../support.js';

export const DPS_SERVICE = 'contoso.azure-devices-provisioning.net';
const HOUR = 3_600_000;

export interface Said {
  readonly headers?: Record<string, string>;
  readonly body?: object;
  /** Default: the policy with all rights. */
  readonly policy?: string;
  /** Default: the policy's key. */
  readonly key?: string;
}

/** `GET /devices/x`, with an api-version unless the path has a query. */
export type Saying = (request: string, said?: Said) => Promise<Reply>;

export function hubBackEnd(world: World): Saying {
  return (request, said) => ask(world, hubRequest(world, request, said));
}

/** The same, to be sent on a connection that stands. */
export function hubRequest(world: World, request: string, said: Said = {}): Asking {
  return asking(world, HUB, request, { policy: 'iothubowner', ...said }, world.hub.policies);
}

export function dpsBackEnd(world: World): Saying {
  const { policies } = world.azure.dps;
  return (request, said) =>
    ask(world, asking(world, DPS_SERVICE, request, { policy: 'provisioningserviceowner', ...said }, policies));
}

function asking(
  world: World,
  host: string,
  request: string,
  { headers, body, policy, key }: Said & { readonly policy: string },
  policies: World['hub']['policies'],
): Asking {
  const [method = '', path = ''] = request.split(' ');
  const token = sasToken(key ?? policies.get(policy).keys.primaryKey, host, world.clock.now() + HOUR, {
    keyName: policy,
    encode: (resource) => resource,
  });
  return {
    host,
    method,
    path: path.includes('?') ? path : `${path}?api-version=2021-04-12`,
    headers: { authorization: token, ...headers },
    ...(body === undefined ? {} : { body }),
  };
}

/** The status, and the name of the error that the hub's answer says in words. */
export function errorOf(reply: Reply): readonly [status: number, name: string | undefined] {
  return [reply.status, /^ErrorCode:(\w+);./.exec(String(reply.json['Message']))?.[1]];
}

/** The error that is an object in a string in an object. */
export function nestedErrorOf(reply: Reply): Record<string, unknown> {
  return JSON.parse(String(reply.json['Message'])) as Record<string, unknown>;
}
