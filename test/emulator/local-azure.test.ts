import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { LocalAzure } from '../../src/emulator/index.js';
import { createDuplexPair } from '../../src/transport/duplex-pair.js';
import { frontEvents, DPS, dpsConnect, HUB, hubConnect, World } from './support.js';

describe('LocalAzure', () => {
  describe('in the process', () => {
    let world: World;

    beforeEach(async () => {
      world = await World.create({ hubs: [HUB, 'Fabrikam.azure-devices.net'], idScope: '0ne12345678' });
    });
    afterEach(() => world.close());

    test('is found under the real names and port, and under no other', () => {
      const { azure } = world;
      for (const name of [DPS, HUB, HUB.toUpperCase(), 'fabrikam.azure-devices.net'])
        for (const port of [8883, 443]) expect(azure.resolve(name, port)).toMatchObject({ kind: 'in-process' });
      for (const port of [5671, 443]) {
        expect(azure.resolve(HUB, port)).toBeDefined();
        expect(azure.resolve('iothub-ns-contoso.servicebus.windows.net', port)).toBeDefined();
      }
      expect(azure.resolve(DPS, 5671)).toBeUndefined();
      expect(azure.resolve(HUB, 5672)).toBeUndefined();
      expect(azure.resolve('iothub-ns-contoso.servicebus.windows.net', 8883)).toBeUndefined();
      expect(azure.resolve('example.com', 8883)).toBeUndefined();
      expect(azure.dps.idScope).toBe('0ne12345678');
      expect(azure.dps.linkedHubs).toEqual([HUB, 'fabrikam.azure-devices.net']);
      expect(azure.hub().name).toBe(HUB);
      expect(azure.hub('FABRIKAM.azure-devices.net').name).toBe('fabrikam.azure-devices.net');
      expect(() => azure.hub('x')).toThrow(expect.objectContaining({ code: 'HUB_NOT_FOUND' }));
    });

    test('the SNI name decides which service is meant', async () => {
      const credential = await world.device('device-1');
      const atDps = await world.open(DPS, credential);
      expect((await atDps.connect(hubConnect('device-1'))).returnCode).toBe(5);
      const atOther = await world.open('fabrikam.azure-devices.net', credential);
      expect((await atOther.connect(hubConnect('device-1'))).returnCode).toBe(5);
      expect(world.azure.hub('fabrikam.azure-devices.net').events()).toHaveLength(1);
    });

    test('by another name the username decides, and says which hub where there are several', async () => {
      const credential = await world.device('device-1');
      const tls = { servername: 'localhost' };
      const named = await world.open(HUB, credential, tls);
      expect((await named.connect(hubConnect('device-1'))).returnCode).toBe(0);
      const dps = await world.open(HUB, credential, tls);
      expect((await dps.connect(dpsConnect('0ne12345678', 'device-1'))).returnCode).toBe(0);
      const username = 'localhost:1234/device-1/?api-version=1';
      const unnamed = await world.open(HUB, credential, tls);
      expect((await unnamed.connect(hubConnect('device-1', { username }))).returnCode).toBe(5);
      expect(world.azure.events()).toContainEqual(
        expect.objectContaining({ type: 'unknownService', serverName: 'localhost', username }),
      );
    });

    test('shows a certificate for every name, TLS 1.2, and no session ticket', async () => {
      for (const name of [DPS, HUB, 'fabrikam.azure-devices.net', 'localhost']) {
        const socket = await world.secure(name === 'localhost' ? HUB : name, 8883, undefined, { servername: name });
        expect([socket.authorized, socket.getProtocol()]).toEqual([true, 'TLSv1.2']);
        expect(socket.getTLSTicket()).toBeUndefined();
        socket.destroy();
      }
    });

    test('refuses older TLS, and says so', async () => {
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
      await expect(world.open(HUB, undefined, old)).rejects.toThrow(/alert|protocol|disconnected/);
      await world.clock.advance(1);
      expect(frontEvents(world)).toMatchObject([{ type: 'handshakeFailed', reason: 'unsupported protocol' }]);
    });

    test('tells of clients that do not trust it, speak no TLS, or go away', async () => {
      await expect(world.open(HUB, undefined, { ca: [] })).rejects.toThrow(/issuer|verify|self/);
      for (const act of ['write', 'end'] as const) {
        const [ours, theirs] = createDuplexPair(world.clock);
        const endpoint = world.azure.resolve(HUB, 8883);
        if (endpoint?.kind === 'in-process') endpoint.accept(theirs);
        ours.on('error', () => undefined).resume();
        if (act === 'write') ours.write('no TLS, but text that is long enough');
        ours.end();
      }
      await world.clock.advance(1);
      expect(frontEvents(world)).toMatchObject([
        // Node's client looks at the certificate when the handshake is over.
        { type: 'connectionClosed', reason: 'the client closed the connection without DISCONNECT' },
        { type: 'handshakeFailed', reason: 'wrong version number' },
        { type: 'handshakeFailed', reason: 'the client closed the connection during the handshake' },
      ]);
    });

    test('TLS 1.3 on demand', async () => {
      const newer = await World.create({ maxTlsVersion: 'TLSv1.3' });
      const socket = await newer.secure(HUB, 8883, await newer.device('device-1'));
      expect(socket.getProtocol()).toBe('TLSv1.3');
      socket.destroy();
      await newer.close();
    });
  });

  describe('on a port', () => {
    let azure: LocalAzure;

    beforeEach(async () => {
      azure = await LocalAzure.start();
    });
    afterEach(() => azure.close());

    test('listens on loopback only, unless told otherwise', async () => {
      for (const host of ['0.0.0.0', '::', '192.168.1.1', 'example.com', '127.0.0.1.example.com'])
        await expect(azure.listen({ host })).rejects.toMatchObject({ code: 'LISTEN_NOT_LOOPBACK' });
      const { host, port } = await azure.listen();
      expect(host).toBe('127.0.0.1');
      expect(port).toBeGreaterThan(0);
      await expect(azure.listen({ host: '0.0.0.0', allowNonLoopback: true })).resolves.toMatchObject({
        host: '0.0.0.0',
      });
      await expect(azure.listen({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    });

    test('close ends connections in every state and the listener, and may be called twice', async () => {
      const { port } = await azure.listen();
      const tls = connectTls({ port, host: '127.0.0.1', servername: HUB, ca: azure.trustRoots });
      await new Promise((resolve) => tls.once('secureConnect', resolve));
      const tcp = connectTcp(port, '127.0.0.1');
      await new Promise((resolve) => tcp.once('connect', resolve));
      const ended = [tls, tcp].map((socket) => {
        socket.on('error', () => undefined).resume();
        return new Promise((resolve) => socket.on('close', resolve));
      });
      await azure.close();
      await Promise.all([azure.close(), ...ended]);
      await expect(azure.listen()).rejects.toMatchObject({ code: 'EMULATOR_CLOSED' });
    });
  });

  test('serves several in one process, apart from each other', async () => {
    const [one, two] = [await World.create(), await World.create()];
    expect(one.azure.trustRoots).not.toBe(two.azure.trustRoots);
    const credential = await one.device('device-1');
    const client = await two.open(HUB, credential);
    expect((await client.connect(hubConnect('device-1'))).returnCode).toBe(5);
    const dps = await two.open(DPS, credential);
    expect((await dps.connect(dpsConnect(two.azure.dps.idScope, 'device-1'))).returnCode).toBe(0);
    await one.close();
    await two.close();
  });
});
