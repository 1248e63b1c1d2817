import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(__dirname, '../..');
const run = promisify(execFile);

describe('npm run demo', () => {
  test('tells each step in order, plainly in a pipe, and ends with 0', async () => {
    const { stdout, stderr } = await run(process.execPath, [path.join(root, 'dist/cjs/cli/demo.js')]);
    expect(stderr).toBe('');

    expect(stdout).not.toMatch(/\x1b/);
    const steps = [
      'catalog   made:',
      'attested, DAA certificate issued (daa:1)',
      'CA certificate uploaded as "catalog": unverified',
      'proof of possession accepted: "catalog" verified',
      'dps       assigning',
      'dps       assigned to contoso.azure-devices.net',
      'hub       device authenticated',
      '10 telemetry messages confirmed, the last is {"temperature":29}',
      'direct method blink called with {"times":3}',
      'direct method answered: 200 {"blinked":true}',
      'desired property interval set to 30',
      'DEVICE_TWIN_UPDATE_PARTIAL: {"interval":30,"$version":2}',
      'reported properties accepted: 204',
      '23:00:00.000  device    DAA certificate renewed (daa:2)',
      '24:00:',
      'assigned to contoso.azure-devices.net',
      'device authenticated',
      '1 telemetry message confirmed',
      'AzureIoT_OverrideAzureSphereAuthDPS',
      'assigned to contoso.azure-devices.net',
      'AzureIoT_OverrideAzureSphereAuthIoTHub',
      'device authenticated',
      '1 telemetry message confirmed',
      'closed',
    ];
    let from = 0;
    for (const step of steps) {
      const at = stdout.indexOf(step, from);
      if (at < 0) throw new Error(`"${step}" is missing after:\n${stdout.slice(0, from)}`);
      from = at + step.length;
    }
  });
});
