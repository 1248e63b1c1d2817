import type { Gate } from '../gate.js';

/** The device section of host.h. */
export function deviceImports(gate: Gate, networkReady: () => boolean) {
  return {
    device_network_ready: (): number => gate.guard(() => (networkReady() ? 1 : 0), 0),
  };
}
