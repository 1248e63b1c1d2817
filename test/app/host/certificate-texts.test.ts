// What apps read of certificates by wolfSSL's X509 calls.
import { CERTIFICATE_TEXTS } from '../../../src/app/host/tls/certificate-texts.js';
import { CertificateAuthority, type IssueOptions } from '../../../src/certificates/index.js';
import { VirtualClock } from '../../../src/clock/index.js';
import { HostX509Text } from '../../../src/wasm/index.js';

const YEAR = 365 * 86_400_000;

/** The texts of a certificate that an authority issues, in the order of host.h. */
async function textsOf(options: IssueOptions, start = Date.UTC(2026, 0, 2, 3, 4, 5)): Promise<(string | undefined)[]> {
  const clock = new VirtualClock({ start });
  const authority = await CertificateAuthority.create({
    subject: { commonName: 'Root', organization: 'Contoso, Ltd. + "Sons"' },
    clock,
    validityMs: 60 * YEAR,
    skewMs: 0,
  });
  const { leaf } = await authority.issue(options);
  return Object.values(HostX509Text).map((which) => CERTIFICATE_TEXTS[which](leaf));
}

test('names, with what OpenSSL would put a back-slash before', async () => {
  const [subject, issuer, commonName] = await textsOf({ commonName: 'a,b=c#d' });
  expect(subject).toBe('/CN=a,b=c#d');
  expect(issuer).toContain('/O=Contoso, Ltd. + "Sons"');
  expect(issuer).toContain('/CN=Root');
  expect(commonName).toBe('a,b=c#d');
  expect((await textsOf({ commonName: 'Zoë\tof\nHR' }))[0]).toBe('/CN=Zoë\tof\nHR');
});

test('times have two digits for the year until 2049', async () => {
  const [, , , serial, before, after] = await textsOf({ commonName: 'x', validityMs: 50 * YEAR });
  expect(serial).toMatch(/^([0-9A-F]{2})+$/);
  expect(before).toBe('260102030405Z');
  expect(after).toMatch(/^2075\d{10}Z$/);
});

test('host names, without addresses', async () => {
  const names = {
    commonName: 'x',
    usage: 'server',
    subjectAltNames: ['a.contoso.com', '10.0.0.1', 'b.contoso.com'],
  } as const;
  expect((await textsOf(names)).at(-1)).toBe('a.contoso.com\nb.contoso.com\n');
  expect((await textsOf({ commonName: 'x' })).at(-1)).toBeUndefined();
});
