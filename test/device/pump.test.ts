// When the pump calls DoWork, and when not.
import { Pump } from '../../src/device/index.js';
import { moduleOf } from '../../src/sdk/create-sdk.js';
import {
  addToHub,
  codeOf,
  connect,
  connectedHub,
  createHub,
  createProv,
  currentDaa,
  DAY,
  expectNoTimers,
  send,
  startSphere,
  textMessage,
  type Sphere,
} from '../support/sphere.js';
import { uncaught } from '../support/uncaught.js';

/** The clock's time of each DoWork from now on. */
function watchDoWork({ sdk, clock }: Sphere): number[] {
  const { gate } = moduleOf(sdk);
  const at: number[] = [];
  const begin = gate.begin.bind(gate);
  jest.spyOn(gate, 'begin').mockImplementation((worked) => {
    if (worked !== 0) at.push(clock.now());
    begin(worked);
  });
  return at;
}

function differences(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => time - (times[i] as number));
}

describe('wakes', () => {
  test('on bytes and after calls: a session takes no time, though the pump is almost never idle-timed', async () => {
    const sphere = await startSphere({ pump: { idleMs: DAY } });
    const { sdk, clock, cloud, deviceId } = sphere;
    const begun = clock.now();
    const hub = await connectedHub(sphere);
    sdk.IoTHubDeviceClient_LL_SetDeviceMethodCallback(hub, () => ({ status: 200, response: '1' }));
    expect(await send(sphere, hub, textMessage(sphere, '1'))).toBe(0);
    await clock.advance(0);
    expect(await clock.runUntil(cloud.hub().device(deviceId).invokeMethod('m'))).toEqual({ status: 200, payload: 1 });
    expect(clock.now()).toBe(begun);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('until there is nothing more to do: what was sent before the connection needs no idle tick', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, pump } = sphere;
    addToHub(sphere, currentDaa(sphere));
    const hub = createHub(sphere);
    pump.add(hub);
    const begun = clock.now();
    // Between the CONNACK and the first PUBLISH the SDK has a DoWork in which nothing is sent, received or called.
    expect(await send(sphere, hub, textMessage(sphere, '1'))).toBe(0);
    expect(clock.now()).toBe(begun);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test.each([undefined, 250])(
    'every idleMs (%p; 100 by default), and every second after a silent one',
    async (idleMs) => {
      const sphere = await startSphere({ pump: { idleMs } });
      const { sdk, clock } = sphere;
      const hub = await connectedHub(sphere);
      const at = watchDoWork(sphere);
      await clock.advance(1000);
      const everyTick = at.length;
      expect(everyTick).toBeGreaterThanOrEqual(1000 / (idleMs ?? 100) - 1);
      await clock.advance(5000);
      const resting = at.slice(everyTick + 1);
      expect(resting.length).toBeGreaterThanOrEqual(4);
      expect(new Set(differences(resting))).toEqual(new Set([1000]));
      sdk.IoTHubDeviceClient_LL_Destroy(hub);
    },
  );

  test('every idleMs again once something happens, in the time between two seconds too', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock } = sphere;
    const hub = await connectedHub(sphere);
    await clock.advance(3450);
    const at = watchDoWork(sphere);
    sdk.IoTHubDeviceClient_LL_SetOption(hub, 'logtrace', false);
    await clock.advance(900);
    expect(new Set(differences(at.slice(2)))).toEqual(new Set([100]));
    expect(at).toHaveLength(1 + 9);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('every idleMs as long as a callback is awaited', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, cloud } = sphere;
    const hub = await connectedHub(sphere);
    cloud.faults.add({ kind: 'lostPuback' });
    const message = textMessage(sphere, '1');
    const results: unknown[] = [];
    sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, (result) => void results.push(result));
    sdk.IoTHubMessage_Destroy(message);
    await clock.advance(3000);
    const at = watchDoWork(sphere);
    await clock.advance(1000);
    expect(at).toHaveLength(10);
    expect(results).toEqual([]);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('every idleMs as long as it is not connected', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, pump } = sphere;
    addToHub(sphere, currentDaa(sphere));
    const down = sdk.network.outage(60_000);
    const hub = createHub(sphere);
    pump.add(hub);
    await clock.advance(10_000);
    const at = watchDoWork(sphere);
    await clock.advance(1000);
    expect(at.length).toBeGreaterThanOrEqual(10);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    await clock.runUntil(down);
  });

  test('on a later turn, never inside the call', async () => {
    const sphere = await startSphere({ pump: { idleMs: DAY } });
    const { sdk, clock } = sphere;
    const hub = await connectedHub(sphere);
    await clock.advance(0);
    const at = watchDoWork(sphere);
    const message = textMessage(sphere, '1');
    sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, null);
    sdk.IoTHubMessage_Destroy(message);
    expect(at).toEqual([]);
    await clock.advance(0);
    expect(at.length).toBeGreaterThan(0);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('once for many calls of one turn', async () => {
    const sphere = await startSphere({ pump: { idleMs: DAY } });
    const { sdk, clock } = sphere;
    const hub = await connectedHub(sphere);
    await clock.advance(0);
    const at = watchDoWork(sphere);
    for (let i = 0; i < 20; i++) sdk.IoTHubDeviceClient_LL_SetOption(hub, 'logtrace', false);
    await clock.advance(0);
    expect(at).toHaveLength(1);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('only the handle that it is about', async () => {
    const sphere = await startSphere({ pump: { idleMs: DAY } });
    const { sdk, clock, pump } = sphere;
    const quiet = createProv(sphere);
    pump.add(quiet);
    const hub = await connectedHub(sphere);
    await clock.advance(0);
    const { gate } = moduleOf(sdk);
    const begin = jest.spyOn(gate, 'begin');
    await send(sphere, hub, textMessage(sphere, '1'));
    const worked = new Set(begin.mock.calls.map(([handle]) => handle).filter((handle) => handle !== 0));
    expect([...worked]).toEqual([hub]);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    sdk.Prov_Device_LL_Destroy(quiet);
  });
});

describe('an exception in a callback', () => {
  test('goes to onError, and the pump goes on', async () => {
    const errors: unknown[] = [];
    const sphere = await startSphere({ pump: { onError: (error) => void errors.push(error) } });
    const { sdk, pump, clock } = sphere;
    addToHub(sphere, currentDaa(sphere));
    const hub = createHub(sphere);
    const thrown = new Error('from the callback');
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => {
      throw thrown;
    });
    pump.add(hub);
    await clock.advance(1000);
    expect(errors).toEqual([thrown]);
    expect(await send(sphere, hub, textMessage(sphere, '1'))).toBe(0);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('what onError throws does not stop the pump or hold the clock', async () => {
    const thrown = uncaught();
    try {
      const sphere = await startSphere({
        pump: {
          onError: (error) => {
            throw error;
          },
        },
      });
      const { sdk, pump, clock, cloud, deviceId } = sphere;
      addToHub(sphere, currentDaa(sphere));
      const hub = createHub(sphere);
      const other = createProv(sphere);
      sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => {
        throw new Error('from the callback');
      });
      pump.add(hub);
      pump.add(other);
      const message = textMessage(sphere, '1');
      sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, null);
      sdk.IoTHubMessage_Destroy(message);
      await clock.runUntil(cloud.hub().device(deviceId).nextTelemetry());
      expect(thrown().map((error) => (error as Error).message)).toEqual(['from the callback']);
      sdk.IoTHubDeviceClient_LL_Destroy(hub);
      sdk.Prov_Device_LL_Destroy(other);
    } finally {
      thrown();
    }
  });
});

describe('ends', () => {
  test('remove leaves the handle to its owner, and no timer', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, pump, daa, cloud } = sphere;
    const hub = createHub(sphere);
    pump.add(hub);
    pump.remove(hub);
    const at = watchDoWork(sphere);
    await clock.advance(10_000);
    expect(at).toEqual([]);
    sdk.IoTHubDeviceClient_LL_DoWork(hub);
    expect(at).toHaveLength(1);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    daa.close();
    await cloud.close();
    await expectNoTimers(clock);
  });

  test('a destroyed handle leaves by itself, and the last one takes the timer with it', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, daa, cloud } = sphere;
    const hub = await connectedHub(sphere);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    await clock.advance(1000);
    daa.close();
    await cloud.close();
    await expectNoTimers(clock);
  });

  test('close leaves no timer and no hold; the handle can be worked by hand', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, pump, daa } = sphere;
    addToHub(sphere, currentDaa(sphere));
    const hub = createHub(sphere);
    pump.add(hub);
    pump.close();
    pump.close();
    const at = watchDoWork(sphere);
    await clock.advance(10_000);
    expect(at).toEqual([]);
    sdk.IoTHubDeviceClient_LL_DoWork(hub);
    expect(sdk.inUse.sockets).toBe(1);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    daa.close();
    await clock.advance(0);
  });

  test('close from inside a callback', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, pump } = sphere;
    addToHub(sphere, currentDaa(sphere));
    const hub = createHub(sphere);
    let calls = 0;
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => {
      calls++;
      pump.close();
    });
    pump.add(hub);
    await clock.advance(5000);
    expect(calls).toBe(1);
    const at = watchDoWork(sphere);
    await clock.advance(5000);
    expect(at).toEqual([]);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('sdk.close ends the pump too: nothing is opened again, and every call is refused', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock } = sphere;
    const hub = await connectedHub(sphere);
    const at = watchDoWork(sphere);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    const other = createHub(sphere);
    sphere.pump.add(other);
    sdk.IoTHubDeviceClient_LL_Destroy(other);
    sdk.close();
    at.length = 0;
    await clock.advance(60_000);
    expect(at).toEqual([]);
    expect(sdk.inUse.sockets).toBe(0);
    expect(await codeOf(() => sdk.IoTHubClient_GetVersionString())).toBe('SDK_CLOSED');
  });
});

describe('one for each SDK instance', () => {
  test('a second is refused while there is one', async () => {
    const { sdk, pump } = await startSphere({ pump: true });
    expect(await codeOf(() => new Pump(sdk))).toBe('PUMP_EXISTS');
    pump.close();
    new Pump(sdk).close();
  });

  test('closing an old one again does not disturb the new one', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, pump } = sphere;
    pump.close();
    const second = new Pump(sdk, { idleMs: 1000 });
    pump.close();
    addToHub(sphere, currentDaa(sphere));
    const hub = createHub(sphere);
    second.add(hub);
    const message = textMessage(sphere, '1');
    const begun = clock.now();
    const confirmed = new Promise((resolve) => sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, resolve));
    sdk.IoTHubMessage_Destroy(message);
    expect(await clock.runUntil(confirmed)).toBe(0);
    // On time alone it would take a tick for each of the open, the CONNACK, the PUBLISH and the PUBACK.
    expect(clock.now() - begun).toBeLessThanOrEqual(1000);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    second.close();
  });

  test('a closed pump takes no handle', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, pump, clock } = sphere;
    const hub = createHub(sphere);
    pump.close();
    expect(await codeOf(() => pump.add(hub))).toBe('PUMP_CLOSED');
    const at = watchDoWork(sphere);
    await clock.advance(1000);
    expect(at).toEqual([]);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('what is no client handle is refused by add', async () => {
    const errors: unknown[] = [];
    const sphere = await startSphere({ pump: { onError: (error) => void errors.push(error) } });
    const { sdk, pump, clock } = sphere;
    const message = textMessage(sphere, '1');
    const hub = createHub(sphere);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    const codes = [await codeOf(() => pump.add(message as never)), await codeOf(() => pump.add(hub))];
    sdk.IoTHubMessage_Destroy(message);
    expect(codes).toEqual(['HANDLE_INVALID', 'HANDLE_DESTROYED']);
    await clock.advance(1000);
    expect(errors).toEqual([]);
  });

  test('adding a handle twice works it once', async () => {
    const sphere = await startSphere({ pump: { idleMs: 1000 } });
    const hub = createHub(sphere);
    addToHub(sphere, currentDaa(sphere));
    sphere.pump.add(hub);
    await connect(sphere, hub);
    await sphere.clock.advance(5000);
    const at = watchDoWork(sphere);
    await sphere.clock.advance(5000);
    expect(at).toHaveLength(5);
    sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});
