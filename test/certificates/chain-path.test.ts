import { findPath, type PathOptions } from '../../src/certificates/index.js';
import { OpensslChains } from './openssl-chains.js';

describe('findPath', () => {
  let made: OpensslChains;
  beforeEach(() => (made = new OpensslChains()));
  afterEach(() => made.remove());

  /** Ours, and that of `openssl verify`, which has to say the same. */
  const judge = (leaf: string, anchors: string[], others: string[], more: Partial<PathOptions> = {}): string => {
    const read = (names: string[]) => names.map((name) => made.certificate(name));
    const options = { anchors: read(anchors), others: read(others), now: Date.now(), ...more };
    const found = findPath(made.certificate(leaf), options);
    const verdict = 'kind' in found ? found.kind : 'valid';
    expect([verdict === 'valid', made.verify(leaf, anchors, others, options)]).toEqual([
      verdict === 'valid',
      verdict === 'valid',
    ]);
    return 'kind' in found ? `${found.kind}: ${found.reason}` : 'valid';
  };

  test('a path length is kept, and one that is exceeded is not', () => {
    made.ca('root').ca('zero', { by: 'root', pathLength: 0 }).ca('below', { by: 'zero' });
    made.leaf('good', { by: 'zero' }).leaf('bad', { by: 'below' });
    expect(judge('good', ['root'], ['zero'])).toBe('valid');
    expect(judge('bad', ['root'], ['below', 'zero'])).toMatch(/^notAllowed: .*zero allows 0 CA certificates below/);
  });

  test.each<[string, string, string, string]>([
    ['permitted;DNS:example.com', 'DNS:a.example.com', 'DNS:a.example.org', ''],
    ['permitted;DNS:example.com', 'DNS:example.com', 'DNS:badexample.com', ''],
    ['excluded;DNS:example.com', 'DNS:a.example.org', 'DNS:A.EXAMPLE.com', ''],
    ['permitted;IP:10.0.0.0/255.0.0.0', 'IP:10.1.2.3', 'IP:11.1.2.3', ''],
    ['excluded;IP:10.0.0.0/255.0.0.0', 'IP:11.1.2.3', 'IP:10.1.2.3', ''],
    ['permitted;email:example.com', 'email:a@example.com', 'email:a@b.example.com', ''],
    ['permitted;email:.example.com', 'email:a@b.example.com', 'email:a@example.com', ''],
    ['permitted;dirName:only', 'DNS:x', 'DNS:x', '/O=Other/CN=bad'],
  ])('name constraints: %s permits %s and refuses %s', (constraint, good, bad, subject) => {
    made.ca('root').ca('limited', { by: 'root', constraint });
    made.leaf('good', { by: 'limited', altName: good, subject: '/O=contoso  LTD/CN=good' });
    made.leaf('bad', { by: 'limited', altName: bad, subject: subject || '/O=Contoso Ltd/CN=bad' });
    expect(judge('good', ['root'], ['limited'])).toBe('valid');
    expect(judge('bad', ['root'], ['limited'])).toMatch(
      /^notAllowed: .*name constraints of the certificate of limited/,
    );
  });

  test('a common name that looks like a host counts where no other name does', () => {
    made.ca('root').ca('limited', { by: 'root', constraint: 'permitted;DNS:example.com' });
    made
      .leaf('good', { by: 'limited', subject: '/CN=a.example.com' })
      .leaf('bad', { by: 'limited', subject: '/CN=a.b.c' });
    made.leaf('device', { by: 'limited', subject: '/CN=device-1' });
    expect(judge('good', ['root'], ['limited'])).toBe('valid');
    expect(judge('device', ['root'], ['limited'])).toBe('valid');
    expect(judge('bad', ['root'], ['limited'])).toMatch(/^notAllowed/);
  });

  test('an expired CA and a renewed one with the same key and name, whichever comes first', () => {
    const later = { now: Date.now() + 48 * 3_600_000 };
    made.ca('root').ca('ca', { by: 'root', days: 1 }).ca('renewed', { by: 'root', key: 'ca', subject: '/CN=ca' });
    made.leaf('leaf', { by: 'ca' });
    expect(judge('leaf', ['root'], ['ca', 'renewed'], later)).toBe('valid');
    expect(judge('leaf', ['root'], ['renewed', 'ca'], later)).toBe('valid');
    expect(judge('leaf', ['root'], ['ca'], later)).toMatch(/^expired: the certificate of ca has expired/);
  });

  test('a cross-signed CA leads to the root that is known', () => {
    made.ca('one').ca('two').ca('ca', { by: 'one' }).ca('crossed', { by: 'two', key: 'ca', subject: '/CN=ca' });
    made.leaf('leaf', { by: 'ca' });
    // OpenSSL follows the first issuer that was sent, and does not turn back.
    for (const [root, between] of [['one', 'ca'] as const, ['two', 'crossed'] as const]) {
      expect(judge('leaf', [root], [between])).toBe('valid');
      const others = ['ca', 'crossed'].map((name) => made.certificate(name));
      const found = findPath(made.certificate('leaf'), { anchors: [made.certificate(root)], others, now: Date.now() });
      expect(found).toHaveLength(3);
    }
  });

  test('servers: extended key usage and key usage count', () => {
    made.ca('root').ca('clients', { by: 'root', extended: 'clientAuth' });
    made.leaf('good', { by: 'root', extended: 'serverAuth' }).leaf('bad', { by: 'root', extended: 'clientAuth' });
    made.leaf('usage', { by: 'root', keyUsage: 'keyCertSign' }).leaf('below', { by: 'clients' });
    expect(judge('good', ['root'], [], { purpose: 'server' })).toBe('valid');
    expect(judge('bad', ['root'], [], { purpose: 'server' })).toMatch(/extended key usage/);
    expect(judge('usage', ['root'], [], { purpose: 'server' })).toMatch(/\(key usage/);
    expect(judge('below', ['root'], ['clients'], { purpose: 'server' })).toMatch(/extended key usage/);
    expect(judge('bad', ['root'], [])).toBe('valid');
  });

  const EXTENSIONS: readonly [string, string, string | undefined][] = [
    ['nsCertType=server', 'valid', undefined],
    ['nsCertType=critical,server,client', 'valid', undefined],
    [
      'nsCertType=client',
      "notAllowed: the certificate of leaf is not for TLS servers (Netscape's certificate type)",
      'valid',
    ],
    ['subjectKeyIdentifier=hash', 'valid', undefined],
    ['subjectKeyIdentifier=critical,hash', 'notAllowed: the certificate of leaf has a critical extension', undefined],
    ['authorityKeyIdentifier=keyid', 'valid', undefined],
    [
      'authorityInfoAccess=critical,OCSP;URI:http://x/',
      'notAllowed: the certificate of leaf has a critical ',
      undefined,
    ],
    ['certificatePolicies=critical,1.2.3.4', 'valid', undefined],
    ['policyConstraints=critical,requireExplicitPolicy:0', 'valid', undefined],
    ['inhibitAnyPolicy=critical,0', 'valid', undefined],
    ['extendedKeyUsage=msSGC', 'valid', undefined],
    ['extendedKeyUsage=nsSGC', 'valid', undefined],
    ['extendedKeyUsage=anyExtendedKeyUsage', 'notAllowed: ', 'valid'],
  ];
  test.each(EXTENSIONS)('%s, for a server: %s', (extension, server, other = server) => {
    made.ca('root').leaf('leaf', { by: 'root', more: [extension] });
    expect(judge('leaf', ['root'], [], { purpose: 'server' }).slice(0, server.length)).toBe(server);
    expect(judge('leaf', ['root'], []).slice(0, other.length)).toBe(other);
  });

  test('nine certificates in between are too many, eight are not', () => {
    made.ca('c0');
    for (let i = 1; i <= 9; i++) made.ca(`c${i}`, { by: `c${i - 1}` });
    made.leaf('eight', { by: 'c8' }).leaf('nine', { by: 'c9' });
    const between = Array.from({ length: 9 }, (_, i) => `c${i + 1}`);
    expect(judge('eight', ['c0'], between)).toBe('valid');
    const options = { anchors: [made.certificate('c0')], others: between.map((name) => made.certificate(name)) };
    const found = findPath(made.certificate('nine'), { ...options, now: Date.now() });
    expect(found).toMatchObject({ kind: 'tooLong', reason: expect.stringContaining('more than 10 certificates') });
  });
});
