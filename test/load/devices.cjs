// Many devices on the unmodified npm package `mqtt`: all connect, then each sends numbered messages of QoS 1 and goes when it was
// told of each that it was acknowledged, and has got its cloud-to-device messages. A device whose messages are under way and that
// is told of none for `resendAfterMs` (0: for ever) connects again, which sends them again.
// stdin: see LoadInput in load.ts. stdout, a line each: {"connected","acknowledged"} now and then, {"result"} at the end, or {"error"}.
const { readFileSync } = require('node:fs');
const { connect } = require('mqtt');

const PROGRESS_MS = 250;

const input = JSON.parse(readFileSync(0, 'utf8'));
const { host, port, hub, ca, messages, window, c2d, resendAfterMs } = input;
const progress = { connected: 0, acknowledged: 0 };

function tell(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

class Device {
  constructor({ deviceId, cert, key }) {
    this.deviceId = deviceId;
    this.connections = 0;
    this.acknowledged = [];
    this.c2d = [];
    /** Messages that are sent and not acknowledged. */
    this.underWay = 0;
    /** When something went on, ms. */
    this.heard = 0;
    /** Numbers that are to be sent. */
    this.waiting = Array.from({ length: messages }, (_, number) => number);
    this.client = connect({
      protocol: 'mqtts',
      host,
      port,
      servername: hub,
      ca,
      cert,
      key,
      clientId: deviceId,
      username: `${hub}/${deviceId}/?api-version=2021-04-12`,
      protocolVersion: 4,
      clean: false,
      keepalive: 240,
      reconnectPeriod: 10,
      // Sessions are kept; and what it thinks it has subscribed to it would not subscribe to again.
      resubscribe: false,
    });
    // What broke a connection off; the next one comes by itself.
    this.client.on('error', () => undefined);
    this.client.on('message', (_, payload) => {
      this.c2d.push(payload.toString());
      this.look();
    });
    this.online = new Promise((resolve) => this.client.once('connect', resolve));
    this.client.on('connect', () => {
      this.connections++;
      this.heard = Date.now();
      if (this.done !== undefined) this.look();
    });
  }

  /** Resolves with what the application was told. */
  async run() {
    if (c2d > 0) await this.subscribe();
    const timer = resendAfterMs === 0 ? undefined : setInterval(() => this.breakOff(), resendAfterMs / 4);
    await new Promise((resolve) => {
      this.done = resolve;
      this.look();
    });
    clearInterval(timer);
    await this.client.endAsync();
    return { acknowledged: this.acknowledged, c2d: this.c2d, connections: this.connections };
  }

  /** Again, where the connection breaks off over it. */
  async subscribe() {
    const filter = `devices/${this.deviceId}/messages/devicebound/#`;
    while (!(await this.client.subscribeAsync(filter, { qos: 1 }).catch(() => undefined)))
      await new Promise((resolve) => this.client.once('connect', resolve));
  }

  look() {
    while (this.client.connected && this.waiting.length > 0 && this.underWay < window) this.send(this.waiting.shift());
    if (this.acknowledged.length === messages && new Set(this.c2d).size === c2d) this.done?.();
  }

  send(number) {
    this.underWay++;
    this.client.publish(`devices/${this.deviceId}/messages/events/n=${number}`, String(number), { qos: 1 }, (error) => {
      this.underWay--;
      // It never took it: the connection broke off while it sent older ones again.
      if (error) return void this.waiting.unshift(number);
      this.heard = Date.now();
      this.acknowledged.push(number);
      progress.acknowledged++;
      this.look();
    });
  }

  /** What the SDKs do, too, where no PUBACK comes. */
  breakOff() {
    if (this.client.connected && this.underWay > 0 && this.heard < Date.now() - resendAfterMs)
      this.client.stream.destroy();
  }
}

function fail(error) {
  tell({ error: error.message });
  process.exit(1);
}

async function main() {
  const timer = setInterval(() => tell(progress), PROGRESS_MS);
  const devices = input.devices.map((device) => new Device(device));
  await Promise.all(devices.map(({ online }) => online.then(() => progress.connected++)));
  const results = await Promise.all(devices.map((device) => device.run()));
  clearInterval(timer);
  tell({ result: Object.fromEntries(devices.map(({ deviceId }, number) => [deviceId, results[number]])) });
}

main().catch(fail);
