import type { Credential } from '../../src/certificates/index.js';
import { DPS, dpsConnect, type RawClient, type World } from './support.js';

/** One answer of DPS. */
export interface Answer {
  topic: string;
  body: { readonly operationId: string; readonly status: string; readonly [key: string]: unknown };
}

/** By what a device shows who it is: its certificate, or its id and a SAS token. */
export type Shown = Credential | { readonly commonName: string; readonly password: string };

export async function answerTo(client: RawClient): Promise<Answer> {
  const { topic, payload } = await client.next('publish');
  return { topic, body: JSON.parse(payload.toString()) as Answer['body'] };
}

/** Connected and subscribed. */
export async function atDps(world: World, shown: Shown): Promise<RawClient> {
  const client = await world.open(DPS, 'password' in shown ? undefined : shown);
  const password = 'password' in shown ? { password: Buffer.from(shown.password) } : {};
  const connack = await client.connect(dpsConnect(world.azure.dps.idScope, shown.commonName, password));
  expect(connack).toMatchObject({ returnCode: 0, sessionPresent: false });
  expect(await client.subscribe('$dps/registrations/res/#', 1)).toBe(1);
  return client;
}

export function put(client: RawClient, registrationId: string, payload?: unknown): Promise<Answer> {
  client.publish('$dps/registrations/PUT/iotdps-register/?$rid=7', JSON.stringify({ registrationId, payload }));
  return answerTo(client);
}

export function poll(client: RawClient, operationId: string): Promise<Answer> {
  client.publish(`$dps/registrations/GET/iotdps-get-operationstatus/?$rid=a-b&operationId=${operationId}`, ' ', 1);
  return answerTo(client);
}

/** From the CONNECT to the last answer. */
export async function register(world: World, shown: Shown, payload?: unknown): Promise<Answer> {
  const client = await atDps(world, shown);
  let answer = await put(client, shown.commonName, payload);
  while (answer.body.status === 'assigning') answer = await poll(client, answer.body.operationId);
  client.send({ cmd: 'disconnect' });
  await client.closed();
  return answer;
}
