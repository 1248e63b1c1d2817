import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';

import * as fc from 'fast-check';

import { createDuplexPair } from '../../src/transport/index.js';
import { HUB } from '../emulator/support.js';
import { always, changed, TIMEOUT, manglings, SEED, sendInPieces } from './mangle.js';
import { Neighbourhood } from './neighbourhood.js';

describe(`what a client sends wrongly instead of TLS (seed ${SEED})`, () => {
  let all: Neighbourhood;
  beforeAll(async () => {
    all = await Neighbourhood.create();
  });
  afterAll(() => all.close());

  const open = (): Duplex => {
    const endpoint = all.world.azure.resolve(HUB, 8883);
    if (endpoint?.kind !== 'in-process') throw new Error('The emulator is not in this process.');
    const [ours, theirs] = createDuplexPair(all.world.clock);
    endpoint.accept(theirs);
    return ours;
  };

  /** Node's own. */
  const clientHello = async (): Promise<Buffer> => {
    const [ours, theirs] = createDuplexPair(all.world.clock);
    const hello = new Promise<Buffer>((resolve) => theirs.once('data', resolve));
    const socket = connect({ socket: ours, servername: HUB }).on('error', () => undefined);
    const bytes = await all.world.run(hello);
    socket.destroy();
    theirs.destroy();
    return bytes;
  };

  test(
    'a ClientHello, or anything',
    async () => {
      const bytes = fc.oneof(
        fc.constant(await clientHello()),
        fc.constant(Buffer.from('GET / HTTP/1.1\r\n\r\n')),
        fc.uint8Array({ maxLength: 2000 }).map((any) => Buffer.from(any)),
      );
      await always(fc.tuple(bytes, manglings()), async ([said, { changes, pieces, ending }]) => {
        const socket = open();
        const answers: Buffer[] = [];
        socket.on('data', (answer: Buffer) => answers.push(answer)).on('error', () => undefined);
        await sendInPieces(socket, changed(said, changes), pieces);
        // Half of a handshake holds the clock, so that nobody can be looked at before it is over.
        if (ending === 'end') socket.end();
        else socket.destroy();
        await all.world.clock.advance(0);
        expect(socket.destroyed || socket.readableEnded).toBe(true);
        socket.destroy();
        await all.check(Buffer.concat(answers));
      });
    },
    TIMEOUT,
  );
});
