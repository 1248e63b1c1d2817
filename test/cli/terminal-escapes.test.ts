import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { buildApp } from '../../src/app/index.js';
import { CertificateAuthority } from '../../src/certificates/index.js';
import { realClock, VirtualClock } from '../../src/clock/index.js';
import { junitOf } from '../../src/cli/run/junit.js';
import { Timeline } from '../../src/cli/timeline.js';
import { formatTraceEntry, LocalAzure, type TraceEntry } from '../../src/emulator/index.js';
import { SphereIotError } from '../../src/errors.js';
import { toMatchWire } from '../../src/jest/index.js';
import { printable, printableJson, printableLine } from '../../src/printable.js';
import { formatApiDiff } from '../../src/regression/api-report.js';
import type { Wire } from '../../src/regression/index.js';
import { registrationRefusal } from '../../src/diagnosis/refusal.js';
import { BUILD_TIME } from '../support/limits.js';
import { useFolder } from '../support/folder.js';
import { cli } from './support.js';

const START = Date.UTC(2026, 5, 1);

const CLOSED = { at: 0, connection: 1, clientId: 'd', type: 'closed', by: 'service' };

/** Each kind of character that a terminal obeys, or that hides text. */
const ESCAPES = [
  ['C0', '\u001b', '\\u001b'],
  ['carriage return', '\r', '\\u000d'],
  ['DEL', '\u007f', '\\u007f'],
  ['C1', '\u009b', '\\u009b'],
  ['direction', '\u202e', '\\u202e'],
  ['no width', '\u200b', '\\u200b'],
  ['mark of direction', '\u200f', '\\u200f'],
  ['isolated direction', '\u2066', '\\u2066'],
  ['line separator', '\u2028', '\\u2028'],
] as const;
const KINDS = [...ESCAPES, ['lone surrogate', '\ud800', '\\ud800'] as const];

describe.each(KINDS)('foreign text with %s', (_, raw, visible) => {
  const name = `a${raw}[2Jb`;

  test('is shown with an escape, and exact to a parser of JSON', () => {
    expect(printable(name)).toBe(`a${visible}[2Jb`);
    expect(printableJson({ name })).not.toContain(raw);
    expect(JSON.parse(printableJson({ name }))).toEqual({ name });
  });

  test('in the message of an error', () => {
    expect(new SphereIotError('INTERNAL_ERROR', name).message).toBe(`a${visible}[2Jb`);
  });

  test('in a timeline', () => {
    let shown = '';
    const out = { write: (text: string) => (shown += text) };
    new Timeline(() => 0, out, {}).event('hub', name);
    expect(shown).toContain(`a${visible}[2Jb`);
  });

  test('in an API diff, as text and as JSON', () => {
    const change = { kind: 'function', name, change: 'removed', before: name, grade: 'abi-breaking' };
    const diff = { grade: 'abi-breaking', changes: [change], toolchain: [] } as unknown as Parameters<
      typeof formatApiDiff
    >[0];
    for (const format of ['text', 'json', 'junit'] as const) expect(formatApiDiff(diff, format)).not.toContain(raw);
    expect(formatApiDiff(diff, 'junit')).toContain(`name="function a${visible}[2Jb removed"`);
  });

  test('in the JUnit XML of a script', () => {
    const xml = junitOf(name, [{ name, seconds: 0, failure: name }]);
    expect(xml).not.toContain(raw);
    expect(xml).toContain(`<failure message="a${visible}[2Jb">a${visible}[2Jb</failure>`);
  });

  test('in what a matcher of jest says', () => {
    const wire = (reason: string): Wire => [{ ...CLOSED, reason } as unknown as TraceEntry];
    const { pass, message } = toMatchWire(wire(name), wire('another'));
    expect({ pass, message: message() }).toEqual({ pass: false, message: expect.not.stringContaining(raw) });
  });

  test('in a trace', () => {
    expect(formatTraceEntry({ ...CLOSED, reason: name } as unknown as TraceEntry)).not.toContain(raw);
  });
});

describe('foreign text that is too long', () => {
  test('is shown by its beginning, line by line, and whole in JSON', () => {
    const long = 'x'.repeat(70_000);
    expect(printable(long)).toBe(`${'x'.repeat(4076)}… (70000 characters)`);
    expect(printable(`a\n${long}\n\nb`)).toBe(`a\n${printable(long)}\n\nb`);
    expect(printable('x'.repeat(4096))).toBe('x'.repeat(4096));
    expect(printableLine(`${long}\n`)).toBe(`${'x'.repeat(4076)}… (70006 characters)`);
    expect(printable('\u001b'.repeat(1000))).toHaveLength(4096);
    expect(printableJson({ long })).toBe(JSON.stringify({ long }));
    expect(printable(`x${'😀'.repeat(3000)}`)).not.toMatch(/\p{Surrogate}/u);
  });

  test.each(['text', 'junit'] as const)(
    'in the message of an error, a timeline, a trace, and %s of an API diff',
    (format) => {
      const long = 'x'.repeat(70_000);
      const shown: string[] = [];
      new Timeline(() => 0, { write: (text: string) => void shown.push(text) }, {}).event(
        'dps',
        `assigned to ${long}\nerror: y`,
      );
      const change = { kind: 'function', name: long, change: 'removed', before: long, grade: 'abi-breaking' };
      const diff = { grade: 'abi-breaking', changes: [change], toolchain: [] } as unknown as Parameters<
        typeof formatApiDiff
      >[0];
      shown.push(formatApiDiff(diff, format));
      shown.push(formatTraceEntry({ ...CLOSED, reason: long } as unknown as TraceEntry));
      shown.push(new SphereIotError('INTERNAL_ERROR', long).message);
      expect(shown.map((text) => Math.max(...text.split('\n').map((line) => line.length)) < 20_000)).toEqual(
        shown.map(() => true),
      );
      expect(shown[0]?.match(/\n/g)).toHaveLength(1);
    },
  );

  test('what DPS says is cut before the advice', () => {
    const refusal = registrationRefusal(
      '$dps/registrations/res/401/?$rid=1',
      JSON.stringify({ errorCode: 401002, message: `a\nerror: ${'x'.repeat(70_000)}` }),
      { name: 'DPS', clientId: 'kettle-1', now: 0 } as unknown as Parameters<typeof registrationRefusal>[2],
    );
    expect(refusal?.message).toMatch(
      /^DPS refused to register kettle-1: 401002 a\\u000aerror: x+… \(70014 characters\) .+\.$/,
    );
    expect(refusal?.message.length).toBeLessThan(1500);
  });
});

describe('what commands print', () => {
  const folder = useFolder();

  test.each(ESCAPES)('cert inspect: a common name with %s', async (_, raw, visible) => {
    const clock = new VirtualClock({ start: START });
    const authority = await CertificateAuthority.create({ subject: { commonName: `a${raw}[2Jb` }, clock });
    writeFileSync(folder.file('ca.pem'), authority.pem);
    const args = ['cert', 'inspect', folder.file('ca.pem'), '--at', new Date(START).toISOString()];
    for (const { stdout, stderr } of [await cli(args), await cli([...args, '--json'])])
      expect(stdout + stderr).not.toContain(raw);
    expect((await cli(args)).stdout).toContain(`a${visible}[2Jb`);
  });

  describe('of a DPS', () => {
    const clock = realClock;
    test.each(ESCAPES)('a message with %s', async (_, raw, visible) => {
      const refusalMessages = { caNotFound: `a${raw}[2Jb` };
      const azure = await LocalAzure.start({ dps: { refusalMessages } });
      try {
        const { port } = await azure.listen();
        writeFileSync(folder.file('roots.pem'), azure.trustRoots);
        const { chain, privateKey } = await (
          await CertificateAuthority.create({ subject: { commonName: 'Factory' }, clock })
        ).issue({ commonName: 'kettle' });
        writeFileSync(folder.file('chain.pem'), chain);
        writeFileSync(folder.file('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
        const files = [
          '--chain',
          folder.file('chain.pem'),
          '--key',
          folder.file('key.pem'),
          '--trust-roots',
          folder.file('roots.pem'),
        ];
        const to = ['--id-scope', azure.dps.idScope, '--endpoint', `${azure.dps.endpoint}:8883=127.0.0.1:${port}`];
        const { stdout, stderr } = await cli(['device', 'connect', ...files, ...to]);
        expect(stdout + stderr).not.toContain(raw);
        expect(stderr).toContain(`a${visible}[2Jb`);
      } finally {
        await azure.close();
      }
    });
  });

  describe('of an app', () => {
    let app: string;
    beforeAll(async () => void (app = (await buildApp(join(__dirname, '../app/apps/posix'))).folder), BUILD_TIME);

    test.each([...ESCAPES, ['a tab that stays', '\t', '\t'] as const])('its log with %s', async (_, raw, visible) => {
      // It says that it has no such part.
      const { stdout } = await cli(['run', app, '--script', ended(), '--', `a${raw}[2Jb`]);
      if (raw !== visible) expect(stdout).not.toContain(raw);
      expect(stdout).toContain(`there is no part a${visible}[2Jb`);
    });

    test('a carriage return before a line feed is dropped', async () => {
      const { stdout } = await cli(['run', app, '--script', ended(), '--', 'a\rb\r']);
      expect(stdout).toContain('there is no part a\\u000db\n');
    });

    test.each(ESCAPES)('its files with %s', async (_, raw, visible) => {
      const copy = folder.file('copy');
      cpSync(app, copy, { recursive: true });
      appendFileSync(join(copy, 'signature-mismatches.txt'), `a${raw}[2Jb\n`);
      const warned = await cli(['run', copy, '--script', ended(), '--', 'x']);
      expect(warned.stderr).toContain(`warning: a${visible}[2Jb\n`);
      const manifest = join(copy, 'package/app_manifest.json');
      const { Capabilities: capabilities, ...others } = JSON.parse(readFileSync(manifest, 'utf8'));
      const named = { ...others, Capabilities: { ...capabilities, Gpio: [`$a${raw}[2Jb`] } };
      writeFileSync(manifest, JSON.stringify(named));
      const refused = await cli(['run', copy, '--script', ended()]);
      expect(refused.stderr).toContain('(MANIFEST_INVALID)');
      for (const { stdout, stderr } of [warned, refused]) expect(stdout + stderr).not.toContain(raw);
    });

    function ended(): string {
      writeFileSync(folder.file('script.txt'), 'expect exit 99\n');
      return folder.file('script.txt');
    }
  });

  test.each(ESCAPES)('a file of a catalog with %s', async (_, raw) => {
    const dir = folder.file('catalog');
    await cli(['catalog', 'create', '--dir', dir]);
    const file = join(dir, 'catalog.json');
    const catalog = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...catalog, tenant: `a${raw}[2Jb`, name: `a${raw}[2Jb`, id: `a${raw}[2Jb` }));
    for (const command of [
      ['catalog', 'show'],
      ['device', 'list'],
      ['catalog', 'show', '--json'],
    ]) {
      const { stdout, stderr } = await cli([...command, '--dir', dir]);
      expect(stdout + stderr).not.toContain(raw);
    }
  });

  test.each(KINDS)('an argument that is wrong, with %s', async (_, raw) => {
    const { stdout, stderr } = await cli([`a${raw}b`]);
    expect(stdout + stderr).not.toContain(raw);
  });
});

test('tabs, line feeds and all other Unicode stay; one line has neither', () => {
  expect(printable('ä\t日本\n🙂')).toBe('ä\t日本\n🙂');
  expect(printableLine('a\tb\nc')).toBe('a\\u0009b\\u000ac');
});
