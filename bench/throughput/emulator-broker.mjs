// The emulator as a broker of `npm run bench`. Arguments: FOLDER of device.pem, FOLDER for its root.pem, and the ids of its devices.
// Writes its port on loopback to stdout; ends when its stdin does.
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LocalAzure } from '../../dist/esm/emulator/index.js';

const [certificates, folder, ...deviceIds] = process.argv.slice(2);
const { fingerprint } = new X509Certificate(readFileSync(path.join(certificates, 'device.pem')));
const azure = await LocalAzure.start({ hubs: ['bench.azure-devices.net'] });
const authentication = { type: 'selfSigned', thumbprints: { primary: fingerprint.replaceAll(':', '') } };
for (const deviceId of deviceIds) azure.hub().devices.create({ deviceId, authentication });
writeFileSync(path.join(folder, 'root.pem'), azure.trustRoots);
const { port } = await azure.listen();
console.log(port);
process.stdin.resume().once('end', () => void azure.close().then(() => process.exit()));
