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

  test('counts versions for each id', () => {
    const store = new CertificateStore();
    expect(store.current('daa')).toBeUndefined();
    expect(store.install('daa', first)).toBe('daa:1');
    expect(store.install('daa', second)).toBe('daa:2');
    expect(store.install('custom', first)).toBe('custom:1');
    expect(store.current('daa')).toBe('daa:2');
    expect(store.current('custom')).toBe('custom:1');
    expect(store.resolve('daa:2')).toBe(second);
  });

  test('a version that is superseded stays while it is held, by all who hold it', async () => {
    const store = new CertificateStore();
    store.install('daa', first);
    const [one, another] = [store.hold('daa:1'), store.hold('daa:1')];
    store.install('daa', second);
    one();
    one();
    expect(store.resolve('daa:1')).toBe(first);
    expect(store.size).toBe(2);
    another();
    expect(await codeOf(() => store.resolve('daa:1'))).toBe('CREDENTIAL_NOT_FOUND');
    expect(await codeOf(() => store.hold('daa:1'))).toBe('CREDENTIAL_NOT_FOUND');
    expect(store.size).toBe(1);
  });

  test('the newest stays, held or not; superseded and never held, it is dropped at once', async () => {
    const store = new CertificateStore();
    store.install('daa', first);
    store.hold('daa:1')();
    expect(store.resolve('daa:1')).toBe(first);
    store.install('daa', second);
    expect(await codeOf(() => store.resolve('daa:1'))).toBe('CREDENTIAL_NOT_FOUND');
  });

  test('a removed version is gone, the one that is held is current, and its number is not used again', async () => {
    const store = new CertificateStore();
    store.install('daa', first);
    const release = store.hold('daa:1');
    store.install('daa', second);
    store.remove('daa:2');
    expect(store.current('daa')).toBe('daa:1');
    expect(await codeOf(() => store.resolve('daa:2'))).toBe('CREDENTIAL_NOT_FOUND');
    expect(await codeOf(() => store.remove('daa:2'))).toBe('CREDENTIAL_NOT_FOUND');
    expect(store.install('daa', second)).toBe('daa:3');
    store.remove('daa:1');
    release();
    store.remove('daa:3');
    expect(store.current('daa')).toBeUndefined();
    expect(store.size).toBe(0);
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
