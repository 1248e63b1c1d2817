import { CertificateAuthority, CertificateStore, type Credential } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { codeOf } from './support.js';

describe('CertificateStore', () => {
  let first: Credential;
  let second: Credential;

  beforeAll(async () => {
    const root = await CertificateAuthority.create({ subject: { commonName: 'Root' }, clock: new VirtualClock() });
    first = await root.issue({ commonName: 'first' });
    second = await root.issue({ commonName: 'second' });
  });

  test('counts versions for each id, and keeps the old ones', () => {
    const store = new CertificateStore();
    expect(store.current('daa')).toBeUndefined();
    expect(store.install('daa', first)).toBe('daa:1');
    expect(store.install('daa', second)).toBe('daa:2');
    expect(store.install('custom', first)).toBe('custom:1');
    expect(store.current('daa')).toBe('daa:2');
    expect(store.current('custom')).toBe('custom:1');
    expect(store.resolve('daa:1')).toBe(first);
    expect(store.resolve('daa:2')).toBe(second);
  });

  test('a removed version is gone, the one before it is current, and its number is not used again', async () => {
    const store = new CertificateStore();
    store.install('daa', first);
    store.install('daa', second);
    store.remove('daa:2');
    expect(store.current('daa')).toBe('daa:1');
    expect(await codeOf(() => store.resolve('daa:2'))).toBe('CREDENTIAL_NOT_FOUND');
    expect(await codeOf(() => store.remove('daa:2'))).toBe('CREDENTIAL_NOT_FOUND');
    expect(store.install('daa', second)).toBe('daa:3');
    store.remove('daa:1');
    store.remove('daa:3');
    expect(store.current('daa')).toBeUndefined();
  });

  test('refuses ids that could not be told from a reference', async () => {
    const store = new CertificateStore();
    expect(await codeOf(() => store.install('a:b', first))).toBe('CREDENTIAL_ID_INVALID');
    expect(await codeOf(() => store.install('', first))).toBe('CREDENTIAL_ID_INVALID');
  });

  test('does not repeat a key that was given in place of a reference', () => {
    const key = first.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => new CertificateStore().resolve(key)).toThrow('no reference of the form id:version');
    expect(() => new CertificateStore().resolve('daa:7')).toThrow('no credential daa:7');
  });
});
