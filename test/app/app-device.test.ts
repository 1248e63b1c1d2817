// What an app asks of the device that it runs on. What runs in a thread is of dist/: `npm run build`.
import { AppDevice } from '../../src/app/index.js';
import { Catalog, CertificateAuthority } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { useApp, useBuiltApp } from './harness.js';

const built = useBuiltApp('apps/device');

const suite = useApp(built);
const { launch, expectNoFailures } = suite;

/** PEM: of a root, a client's certificate and its key, and the key with the password "sésame" in ISO 8859-1. */
async function certificates(): Promise<string[]> {
  suite.clock = new VirtualClock({ start: Date.UTC(2024, 5, 1, 12) });
  const root = await CertificateAuthority.create({ subject: { commonName: 'Contoso Root' }, clock: suite.clock });
  const { leaf, privateKey } = await root.issue({ commonName: 'device', organization: 'Contoso' });
  const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
  const encrypted = privateKey.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: Buffer.from('sésame', 'latin1') });
  return [root.pem, leaf.toString(), privateKey.export(pkcs8).toString(), encrypted.toString()];
}

/** The app's manifest with other capabilities. */
function withCapabilities(Capabilities: object): unknown {
  return { ...(built().manifest as object), Capabilities };
}

/** Does what the app asks for, and says so. */
async function answer(asked: string, act: () => void): Promise<void> {
  await suite.app.log(asked);
  act();
  suite.app.signal('SIGUSR1');
}

const ACCESS_POINTS = [
  { ssid: 'Home', psk: 'open sesame', bssid: 'a0:01:02:03:04:ff', frequencyMHz: 5180, rssi: -61 },
  { ssid: 'Cafe' },
  { ssid: 'Office', security: 'wpa2-eap-tls' },
  { ssid: 'Secret', hidden: true },
] as const;

describe.each([
  ['in this thread', false],
  ['isolated', true],
])('%s', (_, isolate) => {
  test('Wi-Fi: scanned, stored, connected, why not, forgotten', async () => {
    await launch('wifi', { isolate, wifi: { accessPoints: ACCESS_POINTS, stored: [] } });
    await answer('all networks go away', () => (suite.app.wifi.accessPoints = []));
    await answer('they come back', () => (suite.app.wifi.accessPoints = ACCESS_POINTS));
    await expectNoFailures();
    expect(suite.app.wifi.stored).toHaveLength(37);
    expect(suite.app.wifi.connected).toBeUndefined();
  });

  test('network interfaces: enabled, connected, configured', async () => {
    await launch('interfaces', { isolate });
    await answer('a cable', () => (suite.app.networkInterface('eth0').cable = true));
    await expectNoFailures();
    const ethernet = suite.app.networkInterface('eth0');
    expect(ethernet.ip).toEqual({ address: '192.168.100.10', subnetMask: '255.255.255.0', gateway: '192.168.100.1' });
    expect(ethernet.dnsServers).toEqual(['9.9.9.9', '1.1.1.1']);
    expect(ethernet.hardwareAddress).toBe('a2:10:00:00:ff:01');
    expect(suite.app.networkInterface('wlan0')).toMatchObject({ enabled: true, online: true, ip: 'dhcp' });
  });

  test('the HTTP proxy of the device', async () => {
    await launch('proxy', { isolate });
    expect(suite.app.proxy).toBeUndefined();
    await expectNoFailures();
    expect(suite.app.proxy).toEqual({
      enabled: true,
      address: 'proxy.contoso.com',
      port: 3128,
      username: 'me',
      password: 'word',
      noProxy: 'localhost,10.0.0.1',
    });
  });

  test('memory of the heap, and the version of the operating system', async () => {
    await launch('memory', { isolate, osVersion: '22.02 a long version' });
    await expectNoFailures();
    expect(suite.app.lines[0]).toBe('OS 22.02 a long ve');
    await launch('memory', { isolate });
    await expectNoFailures();
    expect(suite.app.lines[0]).toBe('OS 24.06');
  });

  test('a heap that is limited', async () => {
    await launch('memory', { isolate, heapLimit: 256 * 1024 });
    await expectNoFailures();
    expect(suite.app.heapPeak).toBeGreaterThan(200 * 1024);
    expect(suite.app.heapPeak).toBeLessThan(256 * 1024);
    await launch('memory', { isolate, heapLimit: 200 * 1024 });
    expect(await suite.app.exitCode).toBe(128 + 9);
    expect(suite.app.lines).toEqual([
      expect.stringMatching(/^\[sphere-iot\] The app's heap would be \d+ bytes, and may be 204800: the device's /),
    ]);
    expect(suite.app.heapPeak).toBeLessThan(200 * 1024);
  });

  test('a reboot ends the app with SIGTERM', async () => {
    await launch('reboot', { isolate });
    expect(suite.app.power).toMatchObject({ state: 'on', profile: 'HighPerformance' });
    await expectNoFailures();
    expect(suite.app.power).toMatchObject({ state: 'rebooting', downForSeconds: undefined, profile: 'PowerSaver' });
  });

  test('an app that does not end is killed when the device goes down', async () => {
    await launch('power-down', { isolate });
    await suite.app.log('does not end');
    const start = suite.clock.now();
    expect(await suite.app.exitCode).toBe(128 + 9);
    expect(suite.clock.now() - start).toBe(2000);
    expect(suite.app.lines).toEqual(['does not end']);
    expect(suite.app.power).toMatchObject({ state: 'down', downForSeconds: 4_000_000_000 });
  });

  test('an update that the app puts off until it is final', async () => {
    await launch('deferrals', { isolate });
    await suite.app.log('ready');
    const start = suite.clock.now();
    const update = suite.app.update({ type: 'system', maxDeferralMinutes: 100 });
    expect(update.status).toBe('pending');
    await update.becomes('deferred');
    expect(update.deferralMinutesLeft).toBe(60);
    await update.becomes('installed', { timeout: 2 * 3_600_000 });
    const installed = suite.clock.now();
    for (const passed of ['pending', 'deferred', 'final', 'installed'] as const) await update.becomes(passed);
    expect(suite.clock.now()).toBe(installed);
    await expectNoFailures();
    expect(suite.clock.now() - start).toBe(100 * 60_000 + 10_000);
    expect(suite.app.lines.slice(1, -1)).toEqual([
      'event 2 0',
      'update 1 2 100',
      'update 3 2 0',
      'update 1 2 60',
      'update 3 2 0',
      'update 1 2 20',
      'update 3 2 0',
      'update 2 2 0',
    ]);
  });

  test('the store of certificates, and an EAP-TLS network', async () => {
    const wifi = { accessPoints: [ACCESS_POINTS[2]], stored: [] };
    await launch('certificates', { isolate, wifi, args: ['certificates', ...(await certificates())] });
    await expectNoFailures();
    const root = suite.app.certificates.get('root');
    expect(root).toMatchObject({ type: 'rootca', size: root?.certificate.toString().length });
  });
});

test('certificates without the capability', async () => {
  const args = ['certificates-refused', ...(await certificates())];
  await launch('', { manifest: withCapabilities({ CertStore: false }), args });
  await expectNoFailures();
  expect(suite.app.lines[0]).toMatch(/lacks the capability CertStore/);
  expect(suite.app.certificates.size).toBe(0);
});

test('an update that nobody puts off ends the app; one of another app is complete', async () => {
  await launch('updates');
  await suite.app.log('ready');
  const start = suite.clock.now();
  suite.app.noUpdate();
  const update = suite.app.update();
  expect(() => suite.app.update()).toThrow(expect.objectContaining({ code: 'UPDATE_UNDER_WAY' }));
  await expectNoFailures();
  expect(suite.clock.now() - start).toBe(20_000);
  expect(update.status).toBe('installed');
  expect(suite.app.lines.slice(1, -1)).toEqual(['event 4 0', 'event 2 0', 'update 1 1 1440', 'update 2 1 0']);
  expect(() => suite.app.update()).toThrow(expect.objectContaining({ code: 'APP_ENDED' }));

  await launch('updates');
  await suite.app.log('ready');
  suite.app.update({ anotherApp: true });
  await expectNoFailures();
  expect(suite.app.lines.slice(1, -1)).toEqual(['event 2 0', 'update 1 1 1440', 'update 2 1 0', 'update 4 1 0']);
});

test('an update that was put off, and resumed', async () => {
  await launch('resumed');
  await suite.app.log('wait');
  const start = suite.clock.now();
  const update = suite.app.update();
  await update.becomes('final');
  expect(suite.clock.now() - start).toBe(3_600_000);
  await expectNoFailures();
});

test('an app that ends while an update is final; one that is closed', async () => {
  await launch('updates');
  await suite.app.log('ready');
  const update = suite.app.update();
  await update.becomes('final');
  suite.app.signal('SIGTERM');
  await expectNoFailures();
  expect(update.status).toBe('installed');
  await launch('updates');
  await suite.app.log('ready');
  suite.app.update(); // its timers go with the app
});

test('updates without the capabilities', async () => {
  await launch('events-refused', { manifest: withCapabilities({}) });
  await expectNoFailures();
  expect(suite.app.lines.slice(0, 2)).toEqual(
    ['SystemEventNotifications', 'SoftwareUpdateDeferral'].map(
      (name) => `[sphere-iot] The manifest lacks the capability ${name}: what takes it is refused.`,
    ),
  );
});

test('power without the capability', async () => {
  await launch('power-refused', { manifest: withCapabilities({ PowerControls: [] }) });
  await expectNoFailures();
  expect(suite.app.lines.slice(0, 3)).toEqual(
    ['ForceReboot', 'ForcePowerDown', 'SetPowerProfile'].map(
      (control) =>
        `[sphere-iot] The manifest lacks ${control} in the capability PowerControls: what takes it is refused.`,
    ),
  );
  expect(suite.app.power.state).toBe('on');
});

test('services for a private network', async () => {
  await launch('services');
  await expectNoFailures();
  expect(suite.app.networkInterface('eth0').sntpServer).toBe(true);
  expect(suite.app.networkInterface('wlan0').dhcpServer).toBeUndefined();
  expect(suite.app.networkInterface('eth0').dhcpServer).toEqual({
    firstAddress: '192.168.100.11',
    addressCount: 5,
    subnetMask: '255.255.255.0',
    gateway: '192.168.100.10',
    leaseHours: 24,
    ntpServers: ['192.168.100.10'],
  });
});

test('time synchronisation: once there is a network, by the server that the app names', async () => {
  suite.clock = new VirtualClock({ start: Date.UTC(2024, 5, 1) });
  let ready = false;
  await launch('time-sync', { networkReady: () => ready });
  expect(suite.app.timeSync.lastServer).toBeUndefined();
  await answer('the network', () => (ready = true));
  await expectNoFailures();
  expect(suite.app.timeSync).toMatchObject({
    enabled: false,
    ntp: { mode: 'custom', servers: ['time.contoso.com'], fallback: false },
    lastServer: 'time.contoso.com',
  });
});

test('an app sets the time, and keeps it for a start without a network', async () => {
  suite.clock = new VirtualClock({ start: Date.UTC(2024, 5, 1) });
  const device = await AppDevice.start({ catalog: await Catalog.create({ clock: suite.clock }), clock: suite.clock });
  await launch('set-time', { device });
  await expectNoFailures();
  const hardware = Date.UTC(2030, 0, 1) - 60_000;
  expect(suite.app.timeSync.systemTime).toBe(1000);
  expect(Math.round(suite.app.timeSync.hardwareClock)).toBe(hardware + 1);
  await launch('tell-time', { device });
  await expectNoFailures();
  expect(suite.app.lines).toContain(`time ${Math.floor(suite.clock.now() / 1000)}`);
  await launch('tell-time', { device, networkReady: () => false });
  await expectNoFailures();
  expect(suite.app.lines).toContain(`time ${hardware / 1000}`);
  device.close();
});

test('the time without the capability', async () => {
  await launch('time-refused', { manifest: withCapabilities({}) });
  await expectNoFailures();
  expect(suite.app.lines[0]).toBe(
    '[sphere-iot] The manifest lacks the capability SystemTime: what takes it is refused.',
  );
});

test('the network without the capabilities', async () => {
  await launch('network-refused', { manifest: withCapabilities({}) });
  await expectNoFailures();
  expect(suite.app.lines.filter((line) => line.startsWith('[sphere-iot]'))).toEqual(
    [
      'the capability NetworkConfig',
      'the capability HardwareAddressConfig',
      'the capability DhcpService',
      'the capability SntpService',
      'the capability TimeSyncConfig',
      'the capability NetworkConfig or the capability ReadNetworkProxyConfig',
    ].map((name) => `[sphere-iot] The manifest lacks ${name}: what takes it is refused.`),
  );
  await launch('proxy-read', { manifest: withCapabilities({ ReadNetworkProxyConfig: true }) });
  await expectNoFailures();
});

test('a network interface that the device does not have, or that takes no cable', async () => {
  await launch('');
  const code = expect.objectContaining({ code: 'PERIPHERAL_UNKNOWN' });
  expect(() => suite.app.networkInterface('eth1')).toThrow(code);
  expect(() => (suite.app.networkInterface('wlan0').cable = true)).toThrow(code);
});

test('Wi-Fi without the capabilities: EACCES, and the log says it once', async () => {
  await launch('wifi-refused', { manifest: withCapabilities({ WifiConfig: false }) });
  await expectNoFailures();
  expect(suite.app.lines.slice(0, -1)).toEqual([
    '[sphere-iot] The manifest lacks the capability WifiConfig: what takes it is refused.',
    '[sphere-iot] The manifest lacks the capability EnterpriseWifiConfig: what takes it is refused.',
  ]);
});

test('Wi-Fi: the strongest access point; what a launch says of it', async () => {
  const [far, near] = [
    { ssid: 'Home', rssi: -80 },
    { ssid: 'Home', rssi: -40 },
  ];
  await launch('', { wifi: { accessPoints: [far, near], stored: [{ ssid: 'Home' }, { ssid: 'Far', psk: 'secret' }] } });
  expect(suite.app.wifi.connected).toEqual(near);
  expect(suite.app.wifi.stored).toEqual([
    { id: 0, ssid: 'Home', security: 'open', enabled: true, name: '' },
    { id: 1, ssid: 'Far', security: 'wpa2-psk', enabled: true, name: '' },
  ]);
  suite.app.wifi.accessPoints = [far];
  expect(suite.app.wifi.connected).toEqual(far);
});

test.each([
  ['SSID', { ssid: '' }],
  ['SSID', { ssid: 'ü'.repeat(17) }],
  ['key', { ssid: 'Home', psk: '' }],
  ['key', { ssid: 'Home', psk: 'x'.repeat(65) }],
  ['BSSID', { ssid: 'Home', bssid: '02:00:00' }],
  ['RSSI', { ssid: 'Home', rssi: -129 }],
])('Wi-Fi: what can be no %s', async (what, network) => {
  await launch('');
  const catalog = await Catalog.create({ clock: suite.clock });
  const invalid = expect.objectContaining({ code: 'WIFI_INVALID', message: expect.stringContaining(`${what} `) });
  expect(() => (suite.app.wifi.accessPoints = [network])).toThrow(invalid);
  await expect(launch('', { catalog, wifi: { stored: [network] } })).rejects.toEqual(invalid);
});

test('network interfaces: a device keeps what was configured from run to run', async () => {
  const device = await AppDevice.start({ catalog: await Catalog.create({ clock: suite.clock }), clock: suite.clock });
  await launch('services', { device });
  await expectNoFailures();
  await launch('', { device });
  expect(suite.app.networkInterface('eth0')).toMatchObject({ ip: { address: '192.168.100.10' }, sntpServer: true });
  device.close();
});

test('Wi-Fi: connected by default, and to none while networkReady says no', async () => {
  let ready = true;
  await launch('', { networkReady: () => ready });
  expect(suite.app.wifi.connected).toEqual({ ssid: 'sphere-iot' });
  ready = false;
  expect(suite.app.wifi.connected).toBeUndefined();
});

test('Wi-Fi: a device keeps what was persisted from run to run', async () => {
  const device = await AppDevice.start({ catalog: await Catalog.create({ clock: suite.clock }), clock: suite.clock });
  const wifi = { accessPoints: [] };
  await launch('wifi-kept', { device, wifi });
  await expectNoFailures();
  await launch('wifi-kept', { device, wifi, manifest: withCapabilities({ WifiConfig: true }) });
  await expectNoFailures();
  expect(suite.app.lines).toContain('found');
  device.close();
});
