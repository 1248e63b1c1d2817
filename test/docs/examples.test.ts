import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(__dirname, '../..');
const run = promisify(execFile);

/** What a page says that its examples print: the `text` block after each. */
function outputsOn(page: string): string[] {
  const text = readFileSync(path.join(root, page), 'utf8');
  return [...text.matchAll(/```text\n(.*?)```/gs)].map((match) => match[1] as string);
}

/** What each example prints, in the order in which they stand on the page. */
const pages: Record<string, string[]> = {
  'README.md': ['{"temperature":21}\n', 'IOTHUB_CLIENT_CONFIRMATION_OK\n{"temperature":21}\n'],
  'CONTRIBUTING.md': ['86400000\n'],
  'docs/https.md': ['202 ask again in 3 s\ndevice-1/log.txt true all is well\n'],
  'docs/api-surface.md': [
    'abi-breaking\nABI-breaking: 1\n  function IoTHub_Old (iothub.h)\n    removed: void IoTHub_Old(void)\n\nCompatible: 1\n  enum IOTHUB_CLIENT_RETRY_POLICY.IOTHUB_CLIENT_RETRY_RANDOM (iothub_client_core_common.h)\n    added: 6\n\nThe change is abi-breaking.\n',
  ],
  'docs/devices.md': [
    'desired undefined\n{ blinked: 3 }\ndesired 30\ndisconnected\nconnected\ndesired 30\ndisconnected\nclosed\n',
    'PROVISIONING_FAILED PROV_DEVICE_RESULT_DEV_AUTH_ERROR DPS_REGISTRATION_REFUSED\n',
  ],
  // As the page shows it.
  'docs/central.md': outputsOn('docs/central.md'),
  'docs/faults.md': outputsOn('docs/faults.md'),
};

describe.each(Object.entries(pages))('%s', (page, outputs) => {
  test('its examples run and print what it says', async () => {
    const text = await readFile(path.join(root, page), 'utf8');
    const examples = [...text.matchAll(/```js\n(.*?)```/gs)].map((match) => match[1] as string);
    expect(examples).toHaveLength(outputs.length);
    // Inside the package, so that its own name leads to it.
    const folder = await mkdtemp(path.join(root, 'build/examples-'));
    try {
      for (const [index, example] of examples.entries()) {
        const file = path.join(folder, `${index}.mjs`);
        await writeFile(file, example);
        const { stdout, stderr } = await run(process.execPath, [file]);
        expect(stderr).toBe('');
        expect(stdout).toBe(outputs[index]);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
