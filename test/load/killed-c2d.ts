// The emulator with state is killed while it delivers cloud-to-device messages, again and again: none is lost, and none that was completed comes back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { MqttClient } from 'mqtt';

import type { Credential } from '../../src/certificates/index.js';
import { LocalAzure } from '../../src/emulator/index.js';
import { seededRandom } from '../../src/seeded-random.js';
import { asDevice, emulate, prepare, type Emulator, type KillOptions } from './killed.js';

/** As many as wait for a device at most. */
const WAITING = 50;

/** One device, over all rounds. */
interface Mailbox {
  readonly credential: Credential;
  /** Bodies, in the order in which they were sent. */
  readonly sent: string[];
  /** Those that came, in any round. */
  readonly got: Set<string>;
  /** Those of which the emulator answered what the device said after their PUBACK. */
  readonly completed: Set<string>;
  /** Those that came although they were completed. */
  readonly returned: string[];
}

/** @returns Figures. */
export async function killedWhileItDelivers({ rounds, devices, seed }: KillOptions): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'sphere-iot-killed-c2d-'));
  const state = join(folder, 'state');
  const random = seededRandom(seed);
  try {
    const { credentials, ca } = await prepare(state, devices);
    const boxes = credentials.map((credential): Mailbox => ({
      credential,
      sent: [],
      got: new Set(),
      completed: new Set(),
      returned: [],
    }));
    for (let round = 1; round <= rounds; round++) {
      await fill(state, boxes, round);
      await deliver(await emulate(folder, state, ca), boxes, 1 + Math.floor(random() * devices * 20));
    }
    const waiting = await waitingIn(state, boxes);
    await deliver(await emulate(folder, state, ca), boxes, waiting);
    for (const { credential, sent, got, returned } of boxes) {
      const lost = sent.filter((body) => !got.has(body));
      expect({ device: credential.commonName, lost, returned }).toEqual({
        device: credential.commonName,
        lost: [],
        returned: [],
      });
    }
    const messages = boxes.reduce((sum, { sent }) => sum + sent.length, 0);
    expect(messages).toBeGreaterThan(WAITING * devices);
    return { rounds, devices, messages };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Sends each device as many as it takes. */
async function fill(state: string, boxes: readonly Mailbox[], round: number): Promise<void> {
  const azure = await LocalAzure.start({ state });
  try {
    for (const box of boxes) fillOne(azure, box, round);
  } finally {
    await azure.close();
  }
}

function fillOne(azure: LocalAzure, { credential, sent }: Mailbox, round: number): void {
  const device = azure.hub().device(credential.commonName);
  try {
    for (let number = 0; number <= WAITING; number++) {
      device.sendC2D(`${round}.${number}`);
      sent.push(`${round}.${number}`);
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'DEVICE_MAXIMUM_QUEUE_DEPTH_EXCEEDED' });
  }
}

/** How many messages wait for all devices together. */
async function waitingIn(state: string, boxes: readonly Mailbox[]): Promise<number> {
  const azure = await LocalAzure.start({ state });
  try {
    return boxes.reduce(
      (sum, { credential }) => sum + azure.hub().device(credential.commonName).activity.waitingMessages,
      0,
    );
  } finally {
    await azure.close();
  }
}

/** Kills it once all devices are connected and so many messages were completed: no more than wait. */
async function deliver(emulator: Emulator, boxes: readonly Mailbox[], count: number): Promise<void> {
  let left = count;
  let isReady = false;
  const look = (): void => {
    if (isReady && left <= 0) emulator.child.kill('SIGKILL');
  };
  try {
    const completed = (): void => {
      left--;
      look();
    };
    const clients = await Promise.all(
      boxes.map((box) => asDevice(emulator, box.credential, (client) => receive(client, box, completed))),
    );
    const broken = clients.map((client) => new Promise<void>((resolve) => client.once('close', () => resolve())));
    isReady = true;
    look();
    await Promise.all(broken);
    for (const client of clients) client.end(true);
  } finally {
    emulator.child.kill('SIGKILL');
    await emulator.ended;
  }
}

/** Takes what comes, and sends a message after each that it has acknowledged. */
function receive(client: MqttClient, { credential, got, completed, returned }: Mailbox, told: () => void): void {
  const { commonName } = credential;
  client.on('error', () => undefined);
  client.handleMessage = ({ payload }, acknowledge) => {
    const body = payload.toString();
    got.add(body);
    if (completed.has(body)) returned.push(body);
    acknowledge();
    // What is sent after the PUBACK is answered after that was taken.
    client.publish(`devices/${commonName}/messages/events/`, body, { qos: 1 }, (error) => {
      if (error) return;
      completed.add(body);
      told();
    });
  };
  client.once('connect', () => client.subscribe(`devices/${commonName}/messages/devicebound/#`, { qos: 1 }));
}
