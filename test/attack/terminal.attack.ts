// Foreign text on its way to a terminal: what commands, errors, traces and reports print of it.
import { writeFileSync } from 'node:fs';

import { CertificateAuthority } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { Timeline } from '../../src/cli/timeline.js';
import { formatTraceEntry } from '../../src/emulator/index.js';
import { SphereIotError } from '../../src/errors.js';
import { printable, printableJson } from '../../src/printable.js';
import { registrationRefusal } from '../../src/diagnosis/refusal.js';
import { cli } from '../cli/support.js';
import { useFolder } from '../support/folder.js';
import { attacks } from './attack-table.js';

const LENGTH = 400_000;
/** What clears a screen, sets a title, and begins with U+009B; and what turns the direction of text. */
const ESCAPES = ['\u001b[2J', '\u001b]0;title\u0007', '\u009b2J', '\u202e', '\r', '\ud800'];
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ud800](?![\udc00-\udfff])/;

const folder = useFolder();

/** Each way out, with what it prints of a text. */
function told(text: string): readonly string[] {
  let line = '';
  new Timeline(() => 0, { write: (part: string) => (line += part) }, {}).event('hub', text);
  const closed = { at: 0, connection: 1, type: 'closed', by: 'service', reason: text } as const;
  const answer = JSON.stringify({ errorCode: 401002, message: text });
  const dps = { name: 'DPS', clientId: 'd', now: 0 } as unknown as Parameters<typeof registrationRefusal>[2];
  return [
    line,
    printable(text),
    printableJson({ text }),
    formatTraceEntry(closed),
    new SphereIotError('INTERNAL_ERROR', text).message,
    registrationRefusal('$dps/registrations/res/401/?$rid=1', answer, dps)?.message ?? '',
  ];
}

const repeated = (part: string): string => part.repeat(LENGTH / part.length);
const honest = (): void => void told(repeated('a device that is well, '));

attacks('Text for a terminal', [
  ...ESCAPES.map((part) => ({
    name: `400,000 characters of ${JSON.stringify(part)}`,
    honest,
    attack: () => told(repeated(part)).forEach((shown) => expect(shown.replaceAll('\n', '')).not.toMatch(OBEYED)),
    times: 20,
  })),
  {
    name: 'a common name of 60,000 escapes in cert inspect',
    honest: () => inspect('kettle'),
    attack: () => inspect('\u001b[2J'.repeat(15_000)),
    times: 20,
  },
]);

async function inspect(commonName: string): Promise<void> {
  const authority = await CertificateAuthority.create({ subject: { commonName }, clock: new VirtualClock() });
  writeFileSync(folder.file('ca.pem'), authority.pem);
  for (const more of [[], ['--json']]) {
    const { code, stdout, stderr } = await cli(['cert', 'inspect', folder.file('ca.pem'), ...more]);
    expect(code).toBe(0);
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(OBEYED);
  }
}
