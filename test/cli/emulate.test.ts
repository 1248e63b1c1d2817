import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CertificateAuthority } from '../../src/certificates/index.js';
import { realClock } from '../../src/clock/index.js';
import { AmqpClient } from '../emulator/amqp-client.js';
import { sasToken } from '../emulator/support.js';
import { testWithMount, useSmallDisk } from '../support/small-disk.js';
import { useFolder } from '../support/folder.js';
import { cli, jsonOf, type Outcome } from './support.js';

// DPS asks for pauses, as the real one does.
const DPS = 'global.azure-devices-provisioning.net';
const HUB = 'contoso.azure-devices.net';
const ID = '5a'.repeat(64);

interface Started {
  readonly type: 'started';
  readonly endpoint: string;
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  readonly idScope: string;
  readonly hubs: readonly string[];
  readonly trustRoots: string;
  readonly connectionStrings: readonly { readonly of: string; readonly connectionString: string }[];
}

/** An emulator that runs, by either way. */
interface Running {
  readonly started: Started;
  /** Every line so far. */
  readonly lines: readonly string[];
  /** Ctrl-C. */
  interrupt(): void;
  readonly ended: Promise<Pick<Outcome, 'code' | 'stderr'>>;
}

const folder = useFolder();
const disk = useSmallDisk();
const dir = (): string => folder.file('catalog');
const roots = (): string => folder.file('roots.pem');

/** Lines of a text that comes in pieces; `first` is the first of them. */
function lineReader(): { readonly lines: string[]; readonly first: Promise<string>; add(text: string): void } {
  let rest = '';
  let tell: (line: string) => void;
  const lines: string[] = [];
  const first = new Promise<string>((resolve) => (tell = resolve));
  const add = (text: string): void => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() as string;
    lines.push(...parts);
    if (lines.length > 0) tell(lines[0] as string);
  };
  return { lines, first, add };
}

async function inProcess(...args: string[]): Promise<Running> {
  const { lines, first, add } = lineReader();
  const stop = new AbortController();
  const argv = ['emulate', '--json', '--trust-roots', roots(), ...args];
  const ended = cli(argv, { interrupted: stop.signal, onOutput: add });
  const failed = ended.then(({ stderr }) => Promise.reject(new Error(stderr)));
  const started = JSON.parse(await Promise.race([first, failed])) as Started;
  failed.catch(() => undefined);
  return { started, lines, interrupt: () => stop.abort(), ended };
}

const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

async function asProgram(...args: string[]): Promise<Running> {
  const main = join(__dirname, '../../dist/cjs/cli/main.js');
  const child = spawn(process.execPath, [main, 'emulate', '--json', '--trust-roots', roots(), ...args]);
  children.push(child);
  const { lines, first, add } = lineReader();
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => add(bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const ended = new Promise<{ code: number; stderr: string }>((resolve) =>
    child.on('close', (code) => resolve({ code: code as number, stderr })),
  );
  const failed = ended.then(() => Promise.reject(new Error(stderr)));
  const started = JSON.parse(await Promise.race([first, failed])) as Started;
  failed.catch(() => undefined);
  return { started, lines, interrupt: () => child.kill('SIGINT'), ended };
}

function connect({ addresses: [address], idScope, hubs }: Started, ...args: string[]): Promise<Outcome> {
  const mapped = [DPS, ...hubs].flatMap((name) => ['--endpoint', `${name}:8883=${address!.host}:${address!.port}`]);
  const to = ['--id-scope', idScope, '--trust-roots', roots(), ...mapped];
  return cli(['device', 'connect', '--dir', dir(), ...to, '--json', ...args]);
}

async function claimed(): Promise<void> {
  await cli(['catalog', 'create', '--dir', dir()]);
  await cli(['device', 'claim', ID, '--dir', dir()]);
}

describe('sphere-iot emulate', () => {
  test.each([
    ['in this process', inProcess],
    ['as a program of its own', asProgram],
  ])('%s: a device of the catalog gets in without further words, and Ctrl-C ends it with 0', async (_name, start) => {
    await claimed();
    const { started, lines, interrupt, ended } = await start('--catalog', dir(), '--trace');
    expect(started).toMatchObject({ endpoint: DPS, hubs: [HUB], idScope: '0ne00000000', trustRoots: roots() });
    const report = jsonOf(await connect(started, ID, '--message', '{"t":21}'));
    expect(report).toMatchObject({ hub: HUB, deviceId: ID, messagesSent: 1 });
    interrupt();
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
    const packets = lines.slice(1).map((line) => JSON.parse(line) as { packet?: { topic?: string } });
    expect(packets.some(({ packet }) => packet?.topic === `devices/${ID}/messages/events/`)).toBe(true);
  });

  test('a device below a CA of one’s own gets in, to the hub that is named', async () => {
    const ca = await CertificateAuthority.create({ subject: { commonName: 'Factory' }, clock: realClock });
    const { chain, privateKey } = await ca.issue({ commonName: 'kettle-7' });
    writeFileSync(folder.file('ca.cer'), ca.der);
    writeFileSync(folder.file('chain.pem'), chain);
    writeFileSync(folder.file('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const hub = 'fabrikam.azure-devices.net';
    const { started, interrupt, ended } = await inProcess(
      '--ca',
      folder.file('ca.cer'),
      '--hub',
      hub,
      '--id-scope',
      '0ne1',
    );
    expect(started).toMatchObject({ hubs: [hub], idScope: '0ne1' });
    const custom = ['--chain', folder.file('chain.pem'), '--key', folder.file('key.pem')];
    expect(jsonOf(await connect(started, ...custom))).toMatchObject({ hub, deviceId: 'kettle-7' });
    interrupt();
    expect((await ended).code).toBe(0);
  });

  test('says in words where it is, and how a device gets there', async () => {
    const stop = new AbortController();
    const outcome = await cli(['emulate', '--trust-roots', roots()], {
      interrupted: stop.signal,
      onOutput: () => stop.abort(),
    });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const port = /127\.0\.0\.1, port (\d+)/.exec(outcome.stdout)?.[1];
    expect(outcome.stdout).toContain(`--endpoint ${DPS}:8883=127.0.0.1:${port} \\\n    --endpoint ${HUB}:8883=`);
    expect(outcome.stdout).toContain(`--trust-roots ${roots()}`);
    expect(readFileSync(roots(), 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(readFileSync(roots(), 'utf8')).not.toContain('PRIVATE');
  });

  test('other machines reach it only where that is said in so many words', async () => {
    const { code, stderr } = await cli(['emulate', '--host', '0.0.0.0', '--trust-roots', roots()]);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('LISTEN_NOT_LOOPBACK') });
    expect(existsSync(roots())).toBe(false);
  });

  testWithMount('while the disk is full, the operator is told, once; and once again when it is not', async () => {
    await claimed();
    const { started, interrupt, ended } = await inProcess('--catalog', dir(), '--state', disk.file('state'));
    disk.fill();
    // The last page of the log still takes what fits: less than a page, and each connection writes a good part of one.
    let refused = await connect(started, ID);
    for (let pages = 1; refused.code === 0 && pages <= 8; pages++) refused = await connect(started, ID);
    expect(refused.code).not.toBe(0);
    expect((await connect(started, ID)).code).not.toBe(0);
    disk.makeRoom();
    // It tries again by itself, within seconds.
    let outcome = refused;
    while (outcome.code !== 0) outcome = await connect(started, ID);
    interrupt();
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^The emulator's state can't be written to .*No space left on device.*\nThe emulator's state is written again; clients are let in\.\n$/,
    );
  });

  test('partitions and consumer groups are those of the options, and the trace has AMQP’s frames', async () => {
    const options = ['--partitions', '2', '--consumer-group', 'dashboards', '--consumer-group', 'alerts', '--trace'];
    const { started, lines, interrupt, ended } = await inProcess(...options);
    const { connectionString = '' } = started.connectionStrings.find(({ of }) => of === 'Events') ?? {};
    const [, host = '', policy = '', key = ''] =
      /^Endpoint=sb:\/\/([^/]+)\/;SharedAccessKeyName=(\w+);SharedAccessKey=([^;]+)/.exec(connectionString) ?? [];
    const socket = connectTls({ ...started.addresses[0], servername: host, ca: readFileSync(roots()) });
    await once(socket, 'secureConnect');
    const realTime = { run: <T>(promise: Promise<T>) => promise } as never;
    const client = await new AmqpClient(realTime, socket, { hostname: host }).open();
    const audience = `sb://${host}/contoso`;
    // Clients of Event Hubs sign with the text of the key.
    const signer = Buffer.from(key).toString('base64');
    const token = sasToken(signer, audience, Date.now() + 3_600_000, { keyName: policy });
    expect(await client.putToken(audience, token)).toEqual([200, 'OK']);
    for (const group of ['dashboards', 'alerts', '$Default'])
      await client.receiver(`contoso/ConsumerGroups/${group}/Partitions/1`);
    const refusal = (condition: string): unknown => expect.objectContaining({ condition });
    await expect(client.receiver('contoso/ConsumerGroups/alerts/Partitions/2')).rejects.toEqual(
      refusal('com.microsoft:argument-out-of-range'),
    );
    await expect(client.receiver('contoso/ConsumerGroups/other/Partitions/0')).rejects.toEqual(
      refusal('amqp:not-found'),
    );
    await client.close();
    socket.destroy();
    interrupt();
    expect(await ended).toMatchObject({ code: 0 });
    const performatives = lines.map(
      (line) => (JSON.parse(line) as { frame?: { performative: string } }).frame?.performative,
    );
    expect(performatives).toEqual(expect.arrayContaining(['open', 'attach', 'transfer', 'detach']));
  });

  test('a port that is taken is named', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const { code, stderr } = await cli(['emulate', '--port', String(port), '--trust-roots', roots()]);
    other.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`Port ${port} can't be listened on.*\\(PORT_IN_USE\\)`));
  });

  test.each([
    ['two ways to say the port', ['--standard-ports', '--port', '1']],
    ['a port that is none', ['--port', '70000']],
  ])('%s: a wrong command', async (_name, args) => {
    expect(await cli(['emulate', ...args, '--trust-roots', roots()])).toMatchObject({ code: 2, stdout: '' });
  });

  test('files that hold no certificate, and catalogs that are none, are refused before anything listens', async () => {
    writeFileSync(folder.file('ca.pem'), 'none');
    const noCertificate = await cli(['emulate', '--ca', folder.file('ca.pem'), '--trust-roots', roots()]);
    expect(noCertificate).toMatchObject({ code: 1, stderr: expect.stringContaining('CERTIFICATE_') });
    const noCatalog = await cli(['emulate', '--catalog', dir(), '--trust-roots', roots()]);
    expect(noCatalog).toMatchObject({ code: 1, stderr: expect.stringContaining('CATALOG_FOLDER_NOT_FOUND') });
  });
});
