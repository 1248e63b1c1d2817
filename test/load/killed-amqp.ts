// The emulator with state is killed while a back end sends cloud-to-device messages by AMQP: what it accepted is kept.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';

import rhea from 'rhea';

import { LocalAzure } from '../../src/emulator/index.js';
import { seededRandom } from '../../src/seeded-random.js';
import { AmqpClient, type Outcome } from '../emulator/amqp-client.js';
import { HUB, sasToken } from '../emulator/support.js';
import { emulate, prepare, type Emulator, type KillOptions } from './killed.js';

/** As many as wait for a device at most. */
const WAITING = 50;
/** Under way at once. */
const WINDOW = 10;

/** @returns Figures. */
export async function killedWhileItAccepts({ rounds, devices, seed }: KillOptions): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'sphere-iot-killed-amqp-'));
  const state = join(folder, 'state');
  const random = seededRandom(seed);
  const perRound = Math.floor(WAITING / rounds) * devices;
  try {
    const { credentials, ca } = await prepare(state, devices);
    const ids = credentials.map(({ commonName }) => commonName);
    const accepted = new Map(ids.map((id) => [id, 0]));
    const token = await tokenIn(state);
    for (let round = 0; round < rounds; round++) {
      const emulator = await emulate(folder, state, ca);
      const count = 1 + Math.floor(random() * (perRound - WINDOW));
      await send(emulator, token, { ids, accepted, count, perRound });
    }
    const azure = await LocalAzure.start({ state });
    const waiting = new Map(ids.map((id) => [id, azure.hub().device(id).activity.waitingMessages]));
    await azure.close();
    for (const [id, count] of accepted) {
      expect(count).toBeLessThanOrEqual(WAITING);
      expect({ id, lost: Math.max(0, count - waiting.get(id)!) }).toEqual({ id, lost: 0 });
    }
    const sum = [...accepted.values()].reduce((one, other) => one + other);
    expect(sum).toBeGreaterThanOrEqual(rounds);
    return { rounds, devices, accepted: sum };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function tokenIn(state: string): Promise<string> {
  const azure = await LocalAzure.start({ state });
  const { primaryKey } = azure.hub().policies.get('service').keys;
  await azure.close();
  return sasToken(primaryKey, HUB, Date.now() + 3_600_000, { keyName: 'service' });
}

interface Sending {
  readonly ids: readonly string[];
  /** By device id; counts on. */
  readonly accepted: Map<string, number>;
  /** It is killed once so many were accepted. */
  readonly count: number;
  readonly perRound: number;
}

/** Real time passes by itself. */
const REAL_TIME = { run: <T>(promise: Promise<T>): Promise<T> => promise };

async function send(emulator: Emulator, token: string, { ids, accepted, count, perRound }: Sending): Promise<void> {
  const { child, ca, port, ended } = emulator;
  const socket = connectTls({ port, ca, servername: HUB });
  try {
    const client = await new AmqpClient(REAL_TIME as never, socket).open();
    expect(await client.putToken(HUB, token)).toEqual([200, 'OK']);
    const sender = await client.sender('/messages/devicebound');
    let [next, left] = [0, count];
    const one = async (): Promise<void> => {
      while (next < perRound && child.exitCode === null && !child.killed) {
        const id = ids[next++ % ids.length]!;
        const body: unknown = rhea.message.data_section(Buffer.from(String(next)));
        const outcome: Outcome | undefined = await Promise.race([
          sender.send({ to: `/devices/${id}/messages/devicebound`, body }),
          ended.then(() => undefined),
        ]);
        if (outcome !== 'accepted') return expect(outcome).toBeUndefined();
        accepted.set(id, accepted.get(id)! + 1);
        if (--left === 0) child.kill('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: WINDOW }, one));
  } finally {
    child.kill('SIGKILL');
    await ended;
    socket.destroy();
  }
}
