import type { AppManifest, CapabilityFlag, PowerControl } from '../manifest.js';

/** Whether the manifest has one of some capabilities; where it has none of them, the log says so, once. */
export type Permits = (...capabilities: readonly (CapabilityFlag | PowerControl)[]) => boolean;

export function permissions(manifest: AppManifest, refuse: (what: string) => void): Permits {
  const listed: readonly string[] = [...manifest.flags, ...manifest.powerControls];
  const refused = new Set<string>();
  return (...capabilities) => {
    if (capabilities.some((capability) => listed.includes(capability))) return true;
    const names = capabilities.map(nameOf).join(' or ');
    if (!refused.has(names)) refuse(`The manifest lacks ${names}: what takes it is refused.`);
    refused.add(names);
    return false;
  };
}

function nameOf(capability: CapabilityFlag | PowerControl): string {
  const isPowerControl = /^(Force|SetPower)/.test(capability);
  return isPowerControl ? `${capability} in the capability PowerControls` : `the capability ${capability}`;
}
