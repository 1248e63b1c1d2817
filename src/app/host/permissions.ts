import type { AppManifest, CapabilityFlag, PowerControl } from '../manifest.js';

/** Whether the manifest has a capability; of the first use of one that it has not, the log says so. */
export type Permits = (capability: CapabilityFlag | PowerControl) => boolean;

export function permissions(manifest: AppManifest, refuse: (what: string) => void): Permits {
  const refused = new Set<string>();
  return (capability) => {
    if ([...manifest.flags, ...manifest.powerControls].includes(capability)) return true;
    if (refused.has(capability)) return false;
    refused.add(capability);
    refuse(`The manifest lacks ${nameOf(capability)}: what takes it fails with EACCES.`);
    return false;
  };
}

function nameOf(capability: CapabilityFlag | PowerControl): string {
  const isPowerControl = /^(Force|SetPower)/.test(capability);
  return isPowerControl ? `${capability} in the capability PowerControls` : `the capability ${capability}`;
}
