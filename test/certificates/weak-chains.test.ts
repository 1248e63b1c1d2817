// Keys and signatures that prove nothing: whatever the clock, the verdict is that of Node and of `openssl verify`.
import { connect, createServer, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { keyFault, signatureFault, STRENGTHS, strengthOfNode } from '../../src/certificates/strength.js';
import { VirtualClock } from '../../src/clock/index.js';
import { CertificateList } from '../../src/emulator/index.js';
import { faultOfChain } from '../../src/transport/verify-server.js';
import { put } from '../emulator/dps-device.js';
import { DPS, dpsConnect, HUB, hubConnect, World } from '../emulator/support.js';
import { OpensslChains } from './openssl-chains.js';

type Wanted = NonNullable<Parameters<OpensslChains['ca']>[1]>;

/** What of a chain is not as usual. */
interface Case {
  readonly root?: Wanted;
  readonly ca?: Wanted;
  readonly leaf?: Wanted;
}

const key = (bits: number): Wanted => ({ algorithm: ['RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`] });
const pss = (...bits: string[]): Wanted => ({ algorithm: ['RSA-PSS', ...bits] });
const curve = (name: string): Wanted => ({ algorithm: ['EC', '-pkeyopt', `ec_paramgen_curve:${name}`] });
const signed = (...signing: string[]): Wanted => ({ signing });
const padded = (hash: string): Wanted =>
  signed(`-${hash}`, '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:20');

/** What is said at the first level of security, and at the second where that is something else. */
const BOTH: readonly (readonly [string, Case, string | undefined, string?])[] = [
  ['as usual', {}, undefined],
  ['MD5 leaf', { ca: key(2048), leaf: signed('-md5') }, 'leaf is signed with MD5, which is too weak'],
  ['SHA-1 leaf', { ca: key(2048), leaf: signed('-sha1') }, 'leaf is signed with SHA-1, which is too weak'],
  ['SHA-1 leaf, ECDSA', { leaf: signed('-sha1') }, 'leaf is signed with SHA-1, which is too weak'],
  ['SHA-1 leaf, PSS', { ca: key(2048), leaf: padded('sha1') }, 'leaf is signed with SHA-1, which is too weak'],
  ['SHA-224 leaf', { ca: key(2048), leaf: signed('-sha224') }, undefined],
  ['SHA-256 leaf, PSS', { ca: key(2048), leaf: padded('sha256') }, undefined],
  ['SHA-1 CA', { root: key(2048), ca: signed('-sha1') }, 'ca is signed with SHA-1, which is too weak'],
  ['MD5 CA', { root: key(2048), ca: signed('-md5') }, 'ca is signed with MD5, which is too weak'],
  ['MD5 root, which nobody judges', { root: { ...key(2048), ...signed('-md5') } }, undefined],
  ['SHA-1 root, which nobody judges', { root: signed('-sha1') }, undefined],
  ['RSA 512 leaf', { leaf: key(512) }, 'leaf has a key that is too weak: RSA 512'],
  ['RSA 912 leaf', { leaf: key(912) }, 'leaf has a key that is too weak: RSA 912'],
  ['RSA 919 leaf', { leaf: key(919) }, 'leaf has a key that is too weak: RSA 919'],
  ['RSA 920 leaf', { leaf: key(920) }, undefined, 'leaf has a key that is too weak: RSA 920'],
  ['RSA 1024 leaf', { leaf: key(1024) }, undefined, 'leaf has a key that is too weak: RSA 1024'],
  ['RSA 1962 leaf', { leaf: key(1962) }, undefined, 'leaf has a key that is too weak: RSA 1962'],
  ['RSA 1963 leaf', { leaf: key(1963) }, undefined],
  [
    'RIPEMD-160 leaf',
    { ca: key(2048), leaf: signed('-ripemd160') },
    undefined,
    'leaf is signed with RIPEMD-160, which is too weak',
  ],
  ['RSA 768 CA', { ca: key(768) }, 'ca has a key that is too weak: RSA 768'],
  ['RSA 512 root', { root: key(512) }, 'root has a key that is too weak: RSA 512'],
  ['RSA-PSS 768 CA', { ca: pss('-pkeyopt', 'rsa_keygen_bits:768') }, 'ca has a key that is too weak: RSA-PSS 768'],
  ['RSA 1024 root', { root: key(1024) }, undefined, 'root has a key that is too weak: RSA 1024'],
];

const level = strengthOfNode().bits === 80 ? 1 : 2;
/** At the level of this Node. */
const ROWS = BOTH.map(([name, wanted, first, second = first]) => [name, wanted, level === 1 ? first : second] as const);

let made: OpensslChains;
beforeEach(() => (made = new OpensslChains()));
afterEach(() => made.remove());

function make({ root, ca, leaf }: Case): void {
  made.ca('root', root).ca('ca', { by: 'root', ...ca });
  made.leaf('leaf', { by: 'ca', altName: 'DNS:leaf', ...leaf });
}

/** Whether Node trusts it, by the machine's time. */
async function nodeTrusts(): Promise<boolean> {
  const cert = made.pem('leaf') + made.pem('ca');
  const ciphers = 'DEFAULT@SECLEVEL=0';
  const server = createServer({ key: made.pem('leaf', 'key'), cert, ciphers, maxVersion: 'TLSv1.2' });
  server
    .on('tlsClientError', () => undefined)
    .on('secureConnection', (socket: TLSSocket) => socket.on('error', () => undefined));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'leaf',
    ca: made.pem('root'),
    rejectUnauthorized: false,
  });
  try {
    await once(socket, 'secureConnect');
    return socket.authorized;
  } finally {
    socket.destroy();
    server.close();
  }
}

test.each(ROWS)('%s', async (_, wanted, words) => {
  make(wanted);
  const [leaf, ca, root] = ['leaf', 'ca', 'root'].map((name) => made.certificate(name)) as [never, never, never];
  const fault = faultOfChain([leaf, ca], [root], Date.now());
  expect(fault?.reason).toBe(words && `the certificate of ${words}`);
  expect(fault?.kind).toBe(words && 'tooWeak');
  expect(made.verify('leaf', ['root'], ['ca'], { now: Date.now(), level })).toBe(words === undefined);
  expect(await nodeTrusts()).toBe(words === undefined);
});

/** Keys that TLS has no way to agree on here. */
const CURVES: typeof BOTH = [
  [
    'P-192 leaf',
    { leaf: curve('prime192v1') },
    undefined,
    'leaf has a key that is too weak: its elliptic curve is too small',
  ],
  ['P-224 leaf', { leaf: curve('secp224r1') }, undefined],
];

/** Whatever this Node asks for. */
describe.each([
  [1, STRENGTHS[80]],
  [2, STRENGTHS[112]],
])('security level %d', (each, strength) => {
  test.each([...BOTH, ...CURVES])('%s', (_, wanted, first, second = first) => {
    make(wanted);
    const [leaf, ca, root] = ['leaf', 'ca', 'root'].map((name) => made.certificate(name)) as [never, never, never];
    const said = [leaf, ca, root].map(
      (one, i) => keyFault(one, strength) ?? (i < 2 ? signatureFault(one, strength) : undefined),
    );
    const words = each === 1 ? first : second;
    expect(said.filter((one) => one !== undefined)).toEqual(words === undefined ? [] : [words.replace(/^\w+ /, '')]);
    expect(made.verify('leaf', ['root'], ['ca'], { now: Date.now(), level: each })).toBe(words === undefined);
  });
});

describe('devices', () => {
  const list = (): CertificateList => new CertificateList(new VirtualClock({ start: Date.now() }));

  test.each(ROWS)('%s', (_, wanted, words) => {
    make(wanted);
    const certificates = list();
    if (wanted.root !== undefined && words !== undefined && words.startsWith('root')) {
      const message = expect.stringMatching(
        /\(the certificate of root\) can't be used: it has a key that is too weak: RSA (512|1024)\./,
      );
      expect(() => certificates.upload('root', made.certificate('root'))).toThrow(
        expect.objectContaining({ code: 'CA_KEY_UNSUPPORTED', message }),
      );
      return;
    }
    certificates.upload('root', made.certificate('root'), { verified: true });
    const reason = words && `the certificate of ${words}`;
    expect(certificates.checkChain(made.certificate('leaf'), [made.certificate('ca')])).toMatchObject(
      reason === undefined ? { ok: true } : { ok: false, fault: 'tooWeak', reason },
    );
  });

  test.each(['secp112r1', 'secp128r1', 'sect113r1'])('a key on the curve %s', (name) => {
    make({ leaf: curve(name) });
    const certificates = list();
    certificates.upload('root', made.certificate('root'), { verified: true });
    const reason = 'the certificate of leaf has a key that is too weak: its elliptic curve is too small';
    const found = certificates.checkChain(made.certificate('leaf'), [made.certificate('ca')]);
    expect(found).toMatchObject({ ok: false, fault: 'tooWeak', reason });
    expect(made.verify('leaf', ['root'], ['ca'], { now: Date.now() })).toBe(false);
  });

  const strongest = level === 1 ? ['secp160r1', 'secp256k1', 'sect163k1'] : ['secp224r1', 'secp256k1', 'sect233k1'];
  test.each(strongest)('a key on the curve %s, which is strong enough', (name) => {
    make({ leaf: curve(name) });
    const certificates = list();
    certificates.upload('root', made.certificate('root'), { verified: true });
    expect(certificates.checkChain(made.certificate('leaf'), [made.certificate('ca')])).toMatchObject({ ok: true });
    expect(made.verify('leaf', ['root'], ['ca'], { now: Date.now() })).toBe(true);
  });
});

test('a proof of possession with a weak signature proves nothing', () => {
  const certificates = new CertificateList(new VirtualClock({ start: Date.now() + 3_600_000 }));
  made.ca('root', key(2048));
  certificates.upload('root', made.certificate('root'));
  const code = certificates.generateVerificationCode('root');
  made.leaf('weak', { by: 'root', subject: `/CN=${code}`, ...signed('-sha1') });
  expect(() => certificates.verify('root', made.certificate('weak'))).toThrow(
    expect.objectContaining({ code: 'PROOF_NOT_SIGNED_BY_CA', message: expect.stringContaining('SHA-1') }),
  );
  expect(certificates.get('root').verified).toBe(false);
  made.leaf('proof', { by: 'root', subject: `/CN=${code}` });
  expect(certificates.verify('root', made.certificate('proof')).verified).toBe(true);
});

describe('on the wire', () => {
  test('DPS and the hub refuse a device whose certificate has a weak signature, and say why', async () => {
    const world = await World.create();
    try {
      await world.clock.advance(Math.max(0, Date.now() + 3_600_000 - world.clock.now()));
      made.ca('ca', key(2048)).leaf('leaf', { by: 'ca', ...signed('-sha1') });
      const { dps, hub } = { dps: world.azure.dps, hub: world.hub };
      dps.certificates.upload('ca', made.certificate('ca'), { verified: true });
      hub.certificates.upload('ca', made.certificate('ca'), { verified: true });
      dps.enrollmentGroups.create({ id: 'group', attestation: { x509: { caName: 'ca' } } });
      hub.devices.create({ deviceId: 'leaf', authentication: { type: 'certificateAuthority' } });
      const tls = { cert: made.pem('leaf'), key: made.pem('leaf', 'key'), ciphers: 'DEFAULT@SECLEVEL=0' };
      const client = await world.open(DPS, undefined, tls);
      expect(await client.connect(dpsConnect(dps.idScope, 'leaf'))).toMatchObject({ returnCode: 0 });
      await client.subscribe('$dps/registrations/res/#', 1);
      expect((await put(client, 'leaf')).topic).toMatch('/res/401/');
      const device = await world.open(HUB, undefined, tls);
      expect(await device.connect(hubConnect('leaf'))).toMatchObject({ returnCode: 5 });
      const said = JSON.stringify(world.azure.events());
      expect(said.match(/the certificate of leaf is signed with SHA-1, which is too weak/g)).toHaveLength(2);
    } finally {
      await world.close();
    }
  });
});
