// A bare Node TLS socket as a client of `npm run bench`: packets that were made before, one write a turn, and no MQTT client.
import { connectDevice, onPubacks, publishPacket } from './bare-device.mjs';
import { deviceId, serve } from './client.mjs';

const MAX_PACKETS = 65_536;

const socket = await connectDevice(deviceId);
const size = publishPacket(deviceId, 1).length;
let packets = Buffer.alloc(0);

const { begin, confirmed } = serve((count) => {
  while (packets.length < count * size && packets.length < MAX_PACKETS * size)
    packets = Buffer.concat(
      Array.from({ length: Math.max(count, 1024) }, (_, i) => publishPacket(deviceId, (i % 65_535) + 1)),
    );
  socket.write(packets.subarray(0, count * size));
});
onPubacks(socket, confirmed);
await begin();
