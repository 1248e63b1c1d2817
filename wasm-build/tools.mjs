// Finds the tools that the build needs, installs what is missing where apt and root are there, and says what to type
// where they are not.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fail, step } from './terminal.mjs';

/** Oldest versions that were tried; the packages are Debian's. */
const tools = [
  { command: 'emcc', argument: '--version', minimum: [3, 1, 6], packages: ['emscripten'] },
  { command: 'cmake', argument: '--version', minimum: [3, 25], packages: ['cmake'] },
  { command: 'ninja', argument: '--version', minimum: [1, 10], packages: ['ninja-build'] },
  // Older ones can't read crates of edition 2024. Debian 12's is older, its cargo-web is not.
  { command: 'cargo', argument: '--version', minimum: [1, 85], packages: ['cargo', 'cargo-web'] },
];

/** The environment for the tools: Debian's emcc needs acorn, which Node finds there only if it is Debian's too. */
export const toolEnvironment = {
  ...process.env,
  NODE_PATH: [process.env.NODE_PATH, '/usr/share/nodejs'].filter(Boolean).join(':'),
};

/** Installs or names what is missing; returns the versions that are there. */
export function ensureTools() {
  const missing = tools.filter((tool) => !isEnough(tool));
  if (missing.length > 0) install(missing);
  const still = missing.filter((tool) => !isEnough(tool));
  if (still.length > 0)
    fail(`${describe(still)} installed, but still not found or too old.`, 'Put a newer one on the PATH.');
  return Object.fromEntries(tools.map((tool) => [tool.command, versionOf(tool)?.join('.')]));
}

function versionOf({ command, argument }) {
  const { stdout, status } = spawnSync(command, [argument], { encoding: 'utf8', env: toolEnvironment });
  const digits = status === 0 && /(\d+)\.(\d+)(?:\.(\d+))?/.exec(stdout);
  return digits ? digits.slice(1).filter(Boolean).map(Number) : undefined;
}

function isEnough(tool) {
  const version = versionOf(tool);
  return version !== undefined && compare(version, tool.minimum) >= 0;
}

function compare(a, b) {
  for (let i = 0; i < Math.max(a.length, b.length); i++)
    if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) - (b[i] ?? 0);
  return 0;
}

function describe(list) {
  return list.map(({ command, minimum }) => `${command} ${minimum.join('.')} or newer`).join(', ');
}

function install(missing) {
  const hasApt = spawnSync('apt-get', ['--version']).status === 0;
  if (!hasApt) fail(`Missing: ${describe(missing)}.`, hint());
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) {
    // Without its lists apt knows no versions: then the usual names, and a word about the one that differs.
    const known = missing.every(packageFor);
    const packages = missing.map((tool) => packageFor(tool) ?? tool.packages[0]).join(' ');
    const note = !known && packages.includes('cargo') ? '\n       On Debian 12: cargo-web in the place of cargo.' : '';
    fail(`Missing: ${describe(missing)}.`, `Type: sudo apt-get update && sudo apt-get install -y ${packages}${note}`);
  }
  step(`Installing ${missing.map((tool) => tool.command).join(', ')} with apt`);
  apt(['update', '-qq']);
  const absent = missing.filter((tool) => !packageFor(tool));
  if (absent.length > 0) fail(`apt has no ${describe(absent)}.`, hint());
  // cargo trusts the system's certificates, but only recommends them.
  const certificates = existsSync('/etc/ssl/certs/ca-certificates.crt') ? [] : ['ca-certificates'];
  apt(['install', '-y', '-qq', '--no-install-recommends', ...missing.map(packageFor), ...certificates]);
}

function hint() {
  return 'Install them: on macOS `brew install emscripten cmake ninja rust`; elsewhere by your package manager, emcc by emsdk.';
}

function apt(args) {
  try {
    execFileSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  } catch {
    fail(`apt-get ${args.join(' ')} failed.`, 'Run it by hand to see why, then try again.');
  }
}

/** The first of a tool's packages that apt has in a version that is enough. */
function packageFor({ packages, minimum }) {
  return packages.find((name) => {
    const { stdout } = spawnSync('apt-cache', ['policy', name], { encoding: 'utf8' });
    const digits = /Candidate: (?:\d+:)?(\d+)\.(\d+)(?:\.(\d+))?/.exec(stdout ?? '');
    return digits && compare(digits.slice(1).filter(Boolean).map(Number), minimum) >= 0;
  });
}
