import { CertificateAuthority } from '../../../src/certificates/index.js';
import { VirtualClock } from '../../../src/clock/index.js';
import { CertificateList } from '../../../src/emulator/index.js';

const DAY = 86_400_000;

describe('CertificateList', () => {
  let clock: VirtualClock;
  let root: CertificateAuthority;
  let list: CertificateList;

  beforeEach(async () => {
    clock = new VirtualClock();
    root = await CertificateAuthority.create({ subject: { commonName: 'Root' }, clock });
    list = new CertificateList(clock);
  });

  const code = (run: () => unknown): unknown => {
    try {
      run();
      return 'nothing thrown';
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };

  test('verifies a CA by its proof of possession: as PEM, DER or object', async () => {
    const forms = [root.pem, root.der, root.certificate];
    for (const [index, form] of forms.entries()) {
      const name = `ca-${index}`;
      expect(list.upload(name, form)).toMatchObject({ name, verified: false, uploadedAt: clock.now() });
      const proof = await root.proofOfPossession(list.generateVerificationCode(name));
      expect(list.verify(name, [proof.toString(), proof.raw, proof][index] as string).verified).toBe(true);
    }
    expect(list.list().map(({ name, verified }) => [name, verified])).toEqual([
      ['ca-0', true],
      ['ca-1', true],
      ['ca-2', true],
    ]);
  });

  test('refuses proofs with another code, signer or time, and keeps the code for the next try', async () => {
    const other = await CertificateAuthority.create({ subject: { commonName: 'Root' }, clock });
    list.upload('ca', root.pem);
    const proofOfNothing = await root.proofOfPossession('x');
    expect(code(() => list.verify('ca', proofOfNothing))).toBe('PROOF_CODE_MISSING');
    const verification = list.generateVerificationCode('ca');
    expect(verification).toMatch(/^[0-9A-F]{40}$/);
    expect(code(() => list.verify('ca', proofOfNothing))).toBe('PROOF_CODE_WRONG');
    expect(code(() => list.verify('ca', 'no certificate'))).toBe('PROOF_NOT_READABLE');
    const byOther = await other.proofOfPossession(verification);
    expect(code(() => list.verify('ca', byOther))).toBe('PROOF_NOT_SIGNED_BY_CA');
    const { leaf: old } = await root.issue({ commonName: verification, usage: 'proof', validityMs: 1000 });
    await clock.advance(2000);
    expect(code(() => list.verify('ca', old))).toBe('PROOF_NOT_VALID_NOW');
    expect(list.get('ca').verified).toBe(false);
    const proof = await root.proofOfPossession(verification);
    expect(list.verify('ca', proof).verified).toBe(true);
    expect(code(() => list.verify('ca', proof))).toBe('PROOF_CODE_MISSING');
  });

  test('says what is wrong with names and certificates', async () => {
    const { leaf } = await root.issue({ commonName: 'device' });
    expect(code(() => list.upload('leaf', leaf))).toBe('CA_NOT_A_CA');
    expect(code(() => list.upload('text', 'text'))).toBe('CA_NOT_READABLE');
    list.upload('ca', root.pem);
    expect(code(() => list.upload('ca', root.pem))).toBe('CA_ALREADY_EXISTS');
    expect(code(() => list.generateVerificationCode('x'))).toBe('CA_NOT_FOUND');
    list.delete('ca');
    expect(code(() => list.get('ca'))).toBe('CA_NOT_FOUND');
    expect(list.list()).toEqual([]);
  });

  describe('checkChain', () => {
    test('finds the verified CA above, through what was sent', async () => {
      const middle = await CertificateAuthority.create({ subject: { commonName: 'Middle' }, issuer: root, clock });
      const { leaf } = await middle.issue({ commonName: 'a'.repeat(128) });
      const ca = list.upload('root', root.pem, { verified: true });
      expect(list.checkChain(leaf, [middle.certificate])).toEqual({ ok: true, ca, reached: [ca] });
      expect(list.checkChain(leaf, [root.certificate])).toMatchObject({ ok: false, fault: 'unknownIssuer' });
      const below = list.upload('middle', middle.pem);
      expect(list.checkChain(leaf, [])).toEqual({ ok: true, ca, reached: [below, ca] });
    });

    test('does not take a self-signed leaf, an unverified CA, a namesake or a leaf as issuer', async () => {
      const { leaf } = await root.issue({ commonName: 'device' });
      expect(list.checkChain(root.certificate, [root.certificate])).toMatchObject({ fault: 'unknownIssuer' });
      list.upload('root', root.pem);
      expect(list.checkChain(leaf, [])).toMatchObject({ fault: 'unverified', reason: expect.stringContaining('root') });
      const namesake = await CertificateAuthority.create({ subject: { commonName: 'Root' }, clock });
      list.upload('namesake', namesake.pem, { verified: true });
      expect(list.checkChain(leaf, [])).toMatchObject({ fault: 'unverified' });
    });

    test('asks the clock for the validity of every certificate on the way', async () => {
      const middle = await CertificateAuthority.create({
        subject: { commonName: 'Middle' },
        issuer: root,
        clock,
        validityMs: 2 * DAY,
      });
      const { leaf } = await middle.issue({ commonName: 'device', validityMs: 9 * DAY });
      const early = new VirtualClock({ start: clock.now() - DAY });
      list.upload('root', root.pem, { verified: true });
      const check = (at: VirtualClock): unknown => list.checkChain(leaf, [middle.certificate], at);
      expect(check(early)).toMatchObject({ fault: 'notYetValid' });
      expect(check(clock)).toMatchObject({ ok: true });
      await clock.advance(3 * DAY);
      expect(check(clock)).toMatchObject({ fault: 'expired', reason: expect.stringContaining('Middle') });
    });
  });
});
