// Many devices on the unmodified npm package `mqtt`: all connect, then each sends numbered messages of QoS 1 and goes when it was
// told of each that it was acknowledged, and has got its cloud-to-device messages. A message that stays unacknowledged for
// `resendAfterMs` (0: for ever) makes its device connect again, which sends it again.
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
    /** Number of each message that is under way → when it was sent, or sent again. */
    this.underWay = new Map();
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
      for (const number of this.underWay.keys()) this.underWay.set(number, Date.now());
      if (this.done !== undefined) this.look();
    });
  }

  /** Resolves with what the application was told. */
  async run() {
    if (c2d > 0) await this.client.subscribeAsync(`devices/${this.deviceId}/messages/devicebound/#`, { qos: 1 });
    const timer = resendAfterMs === 0 ? undefined : setInterval(() => this.breakOff(), resendAfterMs / 4);
    await new Promise((resolve) => {
      this.done = resolve;
      this.look();
    });
    clearInterval(timer);
    await this.client.endAsync();
    return { acknowledged: this.acknowledged, c2d: this.c2d, connections: this.connections };
  }

  look() {
    while (this.client.connected && this.waiting.length > 0 && this.underWay.size < window)
      this.send(this.waiting.shift());
    if (this.acknowledged.length === messages && new Set(this.c2d).size === c2d) this.done?.();
  }

  send(number) {
    this.underWay.set(number, Date.now());
    this.client.publish(`devices/${this.deviceId}/messages/events/n=${number}`, String(number), { qos: 1 }, (error) => {
      this.underWay.delete(number);
      // It never took it: the connection broke off while it sent older ones again.
      if (error) return void this.waiting.unshift(number);
      this.acknowledged.push(number);
      progress.acknowledged++;
      this.look();
    });
  }

  /** What the SDKs do, too, where no PUBACK comes. */
  breakOff() {
    const oldest = Math.min(...this.underWay.values());
    if (!this.client.connected || oldest > Date.now() - resendAfterMs) return;
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
