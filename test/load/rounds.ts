// What has to hold, for any number of devices. Real connections: by the machine's time.
import type { FaultOptions } from '../../src/emulator/index.js';
import { Fleet, memoryInUse, openSockets, type Size, type Told } from './load.js';

type ToldOf = Readonly<Record<string, Told>>;

/** Of the memory that the first round took: what the last one may have added, beside events, which are kept in part. */
const FLAT = 0.1;

/** What the heap moves by of itself, in bytes: with few devices this is more than they take. */
const NOISE = 2 ** 20;

/** Often enough to strike a few devices, too. */
const FAULTS: readonly FaultOptions[] = [
  { kind: 'drop', service: 'hub', times: Infinity, probability: 0.01 },
  { kind: 'takeOver', service: 'hub', times: Infinity, probability: 0.01 },
  { kind: 'lostPuback', times: Infinity, probability: 0.02 },
  { kind: 'duplicateC2d', times: Infinity, probability: 0.2 },
];

/**
 * Three rounds of the same size: nothing is lost or doubled, and after the third there is no more memory in use than after
 * the second.
 * @returns Figures.
 */
export async function withoutFaults(size: Size): Promise<object> {
  // The log of a device keeps one round at least, and is cut when it has two.
  const fleet = await Fleet.start(size, { hub: { telemetryLimit: size.messages } });
  try {
    const [sockets, before] = [openSockets(), await memoryInUse()];
    const memory: number[] = [];
    const seconds: number[] = [];
    for (const title of ['warm-up', 'second round', 'third round']) {
      const began = performance.now();
      const told = await fleet.round(title);
      seconds.push((performance.now() - began) / 1000);
      expectOnce(fleet, size, told);
      memory.push(await memoryInUse());
      expect(openSockets()).toBe(sockets);
    }
    const [first = 0, second = 0, third = 0] = memory;
    expect(third - second).toBeLessThan(Math.max((first - before) * FLAT, NOISE));
    return { ...size, seconds, memoryMiB: [before, ...memory].map((bytes) => bytes / 2 ** 20) };
  } finally {
    await fleet.close();
  }
}

/**
 * Connections break off and PUBACKs are lost, by a seed: of what the application was told that it was acknowledged nothing
 * is missing, and cloud-to-device messages come once at least.
 * @returns Figures.
 */
export async function withFaults(size: Required<Size>): Promise<object> {
  const fleet = await Fleet.start(size);
  const { azure, deviceIds } = fleet;
  try {
    const faults = FAULTS.map((fault) => azure.faults.add(fault));
    const c2d = Array.from({ length: size.c2d }, (_, number) => String(number));
    for (const deviceId of deviceIds) for (const body of c2d) azure.hub().device(deviceId).sendC2D(body);
    const began = performance.now();
    const told = await fleet.round('with faults');
    const seconds = (performance.now() - began) / 1000;
    expectAtLeastOnce(fleet, size, told);
    for (const { hits } of faults) expect(hits).toBeGreaterThan(0);
    const hits = Object.fromEntries(faults.map((fault) => [fault.options.kind, fault.hits]));
    return { ...size, seconds, hits, connections: sum(deviceIds.map((deviceId) => told[deviceId]?.connections ?? 0)) };
  } finally {
    await fleet.close();
  }
}

function expectOnce(fleet: Fleet, { messages }: Size, told: ToldOf): void {
  const sent = numbersBelow(messages);
  for (const deviceId of fleet.deviceIds) {
    // Of one that was lost the round before would be seen, one that was doubled would push the first one out.
    const received = receivedBy(fleet, deviceId).slice(-messages);
    expect({ deviceId, received }).toEqual({ deviceId, received: sent });
    expect({ deviceId, ...told[deviceId] }).toMatchObject({ deviceId, acknowledged: sent, connections: 1 });
  }
}

function expectAtLeastOnce(fleet: Fleet, { messages, c2d = 0 }: Size, told: ToldOf): void {
  for (const deviceId of fleet.deviceIds) {
    const acknowledged = [...(told[deviceId]?.acknowledged ?? [])].sort((a, b) => a - b);
    expect({ deviceId, acknowledged }).toEqual({ deviceId, acknowledged: numbersBelow(messages) });
    const received = new Set(receivedBy(fleet, deviceId));
    expect({ deviceId, lost: acknowledged.filter((number) => !received.has(number)) }).toEqual({ deviceId, lost: [] });
    expect(new Set(told[deviceId]?.c2d.map(Number))).toEqual(new Set(numbersBelow(c2d)));
  }
  const all = fleet.deviceIds.flatMap((deviceId) => receivedBy(fleet, deviceId));
  // Else nothing was sent again, and the faults were none.
  expect(all.length).toBeGreaterThan(fleet.deviceIds.length * messages);
}

function receivedBy(fleet: Fleet, deviceId: string): readonly number[] {
  const telemetry = fleet.azure.hub().device(deviceId).receivedTelemetry();
  return telemetry.map(({ body }) => Number(body.toString()));
}

function numbersBelow(end: number): readonly number[] {
  return Array.from({ length: end }, (_, number) => number);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
