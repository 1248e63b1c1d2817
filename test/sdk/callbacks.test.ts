// Callbacks: when they come, what they may do, and how long they are kept.
import { IOTHUB_CLIENT_CONFIRMATION_RESULT } from '../../src/sdk/index.js';
import {
  codeOf,
  addToHub,
  connectedHub,
  createHub,
  createProv,
  currentDaa,
  startSphere,
  textMessage,
  type Sphere,
} from '../support/sphere.js';

const OK = IOTHUB_CLIENT_CONFIRMATION_RESULT.IOTHUB_CLIENT_CONFIRMATION_OK;

/** A hub handle that the test works by hand. */
async function handMade() {
  const sphere = await startSphere();
  addToHub(sphere, currentDaa(sphere));
  const hub = createHub(sphere);
  return { sphere, hub, sdk: sphere.sdk };
}

/** Calls DoWork until it throws or `done` holds; returns what it threw. */
async function work(sphere: Sphere, doWork: () => void, done: () => boolean): Promise<unknown> {
  for (let i = 0; i < 30; i++) {
    try {
      doWork();
    } catch (error) {
      return error;
    }
    if (done()) return undefined;
    await sphere.clock.advance(0);
  }
  throw new Error('nothing came of 30 DoWork');
}

describe('an exception in a callback', () => {
  test('reaches the caller of DoWork, and C goes on', async () => {
    const { sphere, hub, sdk } = await handMade();
    const thrown = new Error('from the callback');
    let authenticated = 0;
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => {
      authenticated++;
      throw thrown;
    });
    const confirmed: number[] = [];
    const message = textMessage(sphere, '1');
    sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, (result) => void confirmed.push(result));
    sdk.IoTHubMessage_Destroy(message);
    const doWork = () => sdk.IoTHubDeviceClient_LL_DoWork(hub);
    expect(await work(sphere, doWork, () => false)).toBe(thrown);
    expect(await work(sphere, doWork, () => confirmed.length > 0)).toBeUndefined();
    expect(confirmed).toEqual([OK]);
    expect(authenticated).toBe(1);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('of several in one call the first is thrown, and every callback ran', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const hub = createHub(sphere);
    const ran: number[] = [];
    for (const number of [1, 2, 3]) {
      const message = textMessage(sphere, '1');
      sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, () => {
        ran.push(number);
        throw new Error(`callback ${number}`);
      });
      sdk.IoTHubMessage_Destroy(message);
    }
    // Destroy confirms what was not sent.
    expect(() => sdk.IoTHubDeviceClient_LL_Destroy(hub)).toThrow(`callback ${ran[0] ?? 1}`);
    expect([...ran].sort()).toEqual([1, 2, 3]);
    expect(sdk.inUse).toEqual({ handles: [], callbacks: 0, sockets: 0 });
  });

  test('what is no Error is thrown as it is', async () => {
    const { sphere, hub, sdk } = await handMade();
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => {
      throw undefined;
    });
    let threw = false;
    for (let i = 0; i < 10 && !threw; i++) {
      try {
        sdk.IoTHubDeviceClient_LL_DoWork(hub);
      } catch (error) {
        threw = true;
        expect(error).toBeUndefined();
      }
      await sphere.clock.advance(0);
    }
    expect(threw).toBe(true);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('of a method: thrown, and the device can still be called', async () => {
    const errors: unknown[] = [];
    const sphere = await startSphere({ pump: { onError: (error) => void errors.push(error) } });
    const { sdk, clock, cloud, deviceId } = sphere;
    const hub = await connectedHub(sphere);
    sdk.IoTHubDeviceClient_LL_SetDeviceMethodCallback(hub, (name) => {
      if (name === 'bad') throw new Error('bad');
      if (name === 'async') return Promise.resolve({ status: 200 }) as never;
      if (name === 'nothing') return undefined as never;
      if (name === 'number') return { status: 200, response: 5 } as never;
      return { status: 200, response: '{}' };
    });
    await clock.advance(1000);
    const device = cloud.hub().device(deviceId);
    for (const name of ['bad', 'async', 'nothing', 'number']) {
      const status = clock.runUntil(device.invokeMethod(name)).then(
        (answer) => answer.status,
        (error: { code: string }) => error.code,
      );
      expect(await status).toBe(500);
    }
    expect(errors.map((error) => (error as { code?: string }).code ?? (error as Error).message)).toEqual([
      'bad',
      'ARGUMENT_INVALID',
      'ARGUMENT_INVALID',
      'ARGUMENT_INVALID',
    ]);
    expect(await clock.runUntil(device.invokeMethod('good'))).toEqual({ status: 200, payload: {} });
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

describe('inside a callback', () => {
  test('DoWork and Destroy of the handle being worked are refused', async () => {
    const { sphere, hub, sdk } = await handMade();
    const codes: string[] = [];
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => {
      for (const call of [sdk.IoTHubDeviceClient_LL_DoWork, sdk.IoTHubDeviceClient_LL_Destroy])
        try {
          call(hub);
        } catch (error) {
          codes.push((error as { code: string }).code);
        }
    });
    expect(
      await work(
        sphere,
        () => sdk.IoTHubDeviceClient_LL_DoWork(hub),
        () => codes.length > 0,
      ),
    ).toBeUndefined();
    expect(codes).toEqual(['HANDLE_BUSY', 'HANDLE_BUSY']);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('the refusal, not caught, reaches the caller of DoWork', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const prov = createProv(sphere);
    sdk.Prov_Device_LL_Register_Device(
      prov,
      () => undefined,
      () => sdk.Prov_Device_LL_Destroy(prov),
    );
    const error = await work(
      sphere,
      () => sdk.Prov_Device_LL_DoWork(prov),
      () => false,
    );
    expect(error).toMatchObject({ code: 'HANDLE_BUSY' });
    sdk.Prov_Device_LL_Destroy(prov);
  });

  test('sending, and reading a message, work', async () => {
    const { sphere, hub, sdk } = await handMade();
    const confirmed: string[] = [];
    const sendOne = (text: string): void => {
      const message = textMessage(sphere, text);
      expect(sdk.IoTHubMessage_GetString(message)).toBe(text);
      sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, (result) => {
        confirmed.push(`${text} ${result}`);
        if (text === 'first') sendOne('second');
      });
      sdk.IoTHubMessage_Destroy(message);
    };
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => sendOne('first'));
    await work(
      sphere,
      () => sdk.IoTHubDeviceClient_LL_DoWork(hub),
      () => confirmed.length === 2,
    );
    expect(confirmed).toEqual(['first 0', 'second 0']);
    const telemetry = sphere.cloud.hub().device(sphere.deviceId).receivedTelemetry();
    expect(telemetry.map(({ body }) => body.toString())).toEqual(['first', 'second']);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('another handle may be worked and destroyed', async () => {
    const { sphere, hub, sdk } = await handMade();
    const other = createHub(sphere);
    let done = false;
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => {
      sdk.IoTHubDeviceClient_LL_DoWork(other);
      sdk.IoTHubDeviceClient_LL_Destroy(other);
      done = true;
    });
    await work(
      sphere,
      () => sdk.IoTHubDeviceClient_LL_DoWork(hub),
      () => done,
    );
    expect(sdk.inUse.handles).toEqual([{ type: 'IOTHUB_DEVICE_CLIENT_LL_HANDLE', handle: hub }]);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('a callback may be replaced from itself', async () => {
    const { sphere, hub, sdk } = await handMade();
    const got: string[] = [];
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => {
      got.push('first');
      sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => void got.push('second'));
    });
    const doWork = () => sdk.IoTHubDeviceClient_LL_DoWork(hub);
    await work(sphere, doWork, () => got.length > 0);
    sphere.cloud.hub().device(sphere.deviceId).disconnect();
    await sphere.clock.advance(0);
    await work(sphere, doWork, () => got.length > 1);
    expect(got.slice(0, 2)).toEqual(['first', 'second']);
    expect(sdk.inUse.callbacks).toBe(1);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

describe('how long callbacks are kept', () => {
  test('one that is called once is released then', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock } = sphere;
    const hub = await connectedHub(sphere);
    const before = sdk.inUse.callbacks;
    for (let i = 0; i < 10; i++) {
      const message = textMessage(sphere, '1');
      sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, () => undefined);
      sdk.IoTHubMessage_Destroy(message);
    }
    sdk.IoTHubDeviceClient_LL_GetTwinAsync(hub, () => undefined);
    sdk.IoTHubDeviceClient_LL_SendReportedState(hub, '{"a":1}', () => undefined);
    expect(sdk.inUse.callbacks).toBe(before + 12);
    await clock.advance(2000);
    expect(sdk.inUse.callbacks).toBe(before);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('one that stays is released when it is replaced, taken away, or its handle destroyed', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const hub = createHub(sphere);
    for (let i = 0; i < 5; i++) sdk.IoTHubDeviceClient_LL_SetDeviceTwinCallback(hub, () => undefined);
    expect(sdk.inUse.callbacks).toBe(1);
    sdk.IoTHubDeviceClient_LL_SetDeviceMethodCallback(hub, () => ({ status: 200 }));
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => undefined);
    expect(sdk.inUse.callbacks).toBe(3);
    expect(sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, null)).toBe(0);
    expect(sdk.inUse.callbacks).toBe(2);
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => undefined);
    expect(sdk.inUse.callbacks).toBe(3);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    expect(sdk.inUse.callbacks).toBe(0);
  });

  test('a registration that never ended is released with its handle', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const prov = createProv(sphere);
    sdk.Prov_Device_LL_Register_Device(
      prov,
      () => undefined,
      () => undefined,
    );
    sdk.Prov_Device_LL_DoWork(prov);
    expect(sdk.inUse).toMatchObject({ callbacks: 2, sockets: 1 });
    sdk.Prov_Device_LL_Destroy(prov);
    expect(sdk.inUse).toEqual({ handles: [], callbacks: 0, sockets: 0 });
  });

  test('a send that C refuses keeps nothing', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    const hub = createHub(sphere);
    expect(sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, null as never, () => undefined)).not.toBe(0);
    expect(await codeOf(() => sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, hub as never, () => undefined))).toBe(
      'HANDLE_INVALID',
    );
    expect(sdk.inUse.callbacks).toBe(0);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('a message that is destroyed has nothing to do with what waits for others', async () => {
    const { moduleOf } = await import('../../src/sdk/create-sdk.js');
    const sphere = await startSphere();
    const { sdk } = sphere;
    const hub = createHub(sphere);
    const confirmed: number[] = [];
    const sent = 300;
    const released = jest.spyOn(moduleOf(sdk).callbacks, 'release');
    const dropped = jest.spyOn(moduleOf(sdk).handles, 'onDropped' as never);
    for (let i = 0; i < sent; i++) {
      const message = textMessage(sphere, '1');
      sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, () => void confirmed.push(i));
      sdk.IoTHubMessage_Destroy(message);
    }
    expect(sdk.inUse.callbacks).toBe(sent);
    expect(released).not.toHaveBeenCalled();
    expect(dropped).not.toHaveBeenCalled();
    // Each is told that its message will never leave.
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    expect(confirmed).toEqual(Array.from({ length: sent }, (_, i) => i));
    expect(sdk.inUse.callbacks).toBe(0);
  });

  test('what was sent leaves nothing behind on its handle', async () => {
    const { moduleOf } = await import('../../src/sdk/create-sdk.js');
    const sphere = await startSphere({ pump: true });
    const { sdk, clock } = sphere;
    const hub = await connectedHub(sphere);
    // What waits for the end of the handle, as seen from outside: the functions that run when it is destroyed.
    const { handles, callbacks } = moduleOf(sdk);
    for (let i = 0; i < 50; i++) {
      const message = textMessage(sphere, '1');
      sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, () => undefined);
      sdk.IoTHubMessage_Destroy(message);
    }
    await clock.advance(5000);
    const release = jest.spyOn(callbacks, 'release');
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    expect(handles.live()).toEqual([]);
    expect(release.mock.calls.length).toBeLessThan(10);
  });
});
