// The brokers of `npm run bench`, each a process on loopback with TLS 1.2 that asks for a client certificate.
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { runTool } from '../../wasm-build/run-tool.mjs';
import { fail, step } from '../../wasm-build/terminal.mjs';
import { toolEnvironment } from '../../wasm-build/tools.mjs';
import { folder, script } from './clients.mjs';
import { Peer } from './peer.mjs';

const AEDES = 'aedes@1.2.0';
const file = (name) => path.join(folder, name);

/** Each is started with the ids of the devices that will come. */
const START = {
  minimal: () => listening('minimal', [file('native/bench/throughput/broker'), ...serverFiles()]),
  mosquitto: startMosquitto,
  aedes: async () => listening('aedes', [...script('aedes-broker.mjs'), folder, await installed(AEDES)]),
  emulator: startEmulator,
  'node-tls': () => listening('node-tls', [...script('tls-server.mjs'), folder]),
};

export const BROKERS = {
  minimal: 'ours in C, which does next to nothing',
  mosquitto: 'mosquitto',
  aedes: 'aedes',
  emulator: 'the emulator',
  'node-tls': 'bare Node TLS server',
};

/**
 * @param {string} name One of BROKERS.
 * @param {string[]} deviceIds Of all devices that will connect.
 * @returns {Promise<{ peer: Peer, port: string, folder: string, end: () => Promise<void> }>} The folder holds root.pem, device.pem and
 *   device-key.pem.
 */
export async function startBroker(name, deviceIds) {
  const started = await START[name](deviceIds);
  return { folder, end: () => started.peer.end(), ...started };
}

function serverFiles() {
  return ['server.pem', 'server-key.pem', 'root.pem'].map(file);
}

async function listening(name, command) {
  const peer = new Peer(`The broker ${name}`, command);
  return { peer, port: await peer.line() };
}

async function startEmulator(deviceIds) {
  const own = file('emulator');
  mkdirSync(own, { recursive: true });
  for (const name of ['device.pem', 'device-key.pem']) copyFileSync(file(name), path.join(own, name));
  const started = await listening('emulator', [...script('emulator-broker.mjs'), folder, own, ...deviceIds]);
  return { ...started, folder: own };
}

async function startMosquitto() {
  const port = await freePort();
  const [certificate, key, root] = serverFiles();
  const lines = [
    ...[`listener ${port} 127.0.0.1`, `cafile ${root}`, `certfile ${certificate}`, `keyfile ${key}`],
    ...['require_certificate true', 'allow_anonymous true', 'tls_version tlsv1.2', 'set_tcp_nodelay true'],
    ...['max_inflight_messages 0', 'max_queued_messages 0', 'persistence false', 'log_type none'],
    // As root, mosquitto otherwise becomes a user that may not read the key.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ];
  writeFileSync(file('mosquitto.conf'), `${lines.join('\n')}\n`);
  const peer = new Peer('mosquitto', ['mosquitto', '-c', file('mosquitto.conf')], toolEnvironment);
  await accepting(port);
  return { peer, port: String(port), end: () => peer.end('SIGTERM') };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when something accepts connections there. */
async function accepting(port) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const accepted = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true) || socket.destroy()).once('error', () => resolve(false));
    });
    if (accepted) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  fail('mosquitto does not listen.', 'Its message is above.');
}

/** A package of npm's that only the benchmark needs. */
async function installed(name) {
  const prefix = file('peers');
  const [, version] = name.split('@');
  const marker = path.join(prefix, `${name}.installed`);
  if (!existsSync(marker)) {
    step(`Installing ${name.replace(`@${version}`, ` ${version}`)}`);
    const { status, stderr } = await runTool('npm', [
      ...['install', '--prefix', prefix, '--no-audit', '--no-fund', '--loglevel=error', name],
    ]);
    if (status !== 0) fail(`npm can't install ${name}.`, stderr.trim());
    writeFileSync(marker, '');
  }
  return prefix;
}
