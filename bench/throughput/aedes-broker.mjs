// aedes as a broker of `npm run bench`. Arguments: FOLDER of its certificates, FOLDER of its package. Writes its port on loopback to
// stdout; ends when its stdin does.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { serveTls } from './tls-server.mjs';

const [, , , packages] = process.argv;
const { Aedes } = await import(pathToFileURL(path.join(packages, 'node_modules/aedes/aedes.js')).href);
const aedes = await Aedes.createBroker();
serveTls((socket) => aedes.handle(socket));
