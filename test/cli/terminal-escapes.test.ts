import { writeFileSync } from 'node:fs';

import { CertificateAuthority } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { Timeline } from '../../src/cli/timeline.js';
import { formatTraceEntry } from '../../src/emulator/index.js';
import { SphereIotError } from '../../src/errors.js';
import { printable, printableJson, printableLine } from '../../src/printable.js';
import { formatApiDiff } from '../../src/regression/api-report.js';
import { cli, useFolder } from './support.js';

const START = Date.UTC(2026, 5, 1);

/** Each kind of character that a terminal obeys, or that hides text. */
const ESCAPES = [
  ['C0', '\u001b', '\\u001b'],
  ['carriage return', '\r', '\\u000d'],
  ['DEL', '\u007f', '\\u007f'],
  ['C1', '\u009b', '\\u009b'],
  ['direction', '\u202e', '\\u202e'],
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
    expect(new SphereIotError('X', name).message).toBe(`a${visible}[2Jb`);
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
    for (const format of ['text', 'json'] as const) expect(formatApiDiff(diff, format)).not.toContain(raw);
  });

  test('in a trace', () => {
    const entry = { at: 0, connection: 1, device: 'd', type: 'closed', by: 'device', reason: name };
    expect(formatTraceEntry(entry as unknown as Parameters<typeof formatTraceEntry>[0])).not.toContain(raw);
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

  test.each(KINDS)('an argument that is wrong, with %s', async (_, raw) => {
    const { stdout, stderr } = await cli([`a${raw}b`]);
    expect(stdout + stderr).not.toContain(raw);
  });
});

test('tabs, line feeds and all other Unicode stay; one line has neither', () => {
  expect(printable('ä\t日本\n🙂')).toBe('ä\t日本\n🙂');
  expect(printableLine('a\tb\nc')).toBe('a\\u0009b\\u000ac');
});
