// What waits in a UDP socket of an app.
import { UdpSocket, type UdpContext } from '../../../src/app/host/inet/udp-socket.js';

test('datagrams without bytes do not pile up without end', () => {
  const socket = new UdpSocket({ changed: () => undefined } as UdpContext);
  for (let i = 0; i < 100_000; i++) socket.deliver(new Uint8Array(0), { ip: 1, port: 1 });
  let waiting = 0;
  while (typeof socket.receive(1, false) !== 'number') waiting++;
  expect(waiting).toBeGreaterThan(100);
  expect(waiting).toBeLessThan(1000);
});
