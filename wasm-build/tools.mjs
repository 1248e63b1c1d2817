// Finds the tools that the build and the tests need, installs what is missing where apt and root are there, and says what to type
// where they are not. `node wasm-build/tools.mjs` does so for all of them.
import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import path from 'node:path';
import { runTool } from './run-tool.mjs';
import { fail, step } from './terminal.mjs';

/** Versions are the oldest that were tried. The packages are Debian's; `brew` is one of Homebrew where its name is another. */
const mosquitto = { command: 'mosquitto', argument: '-h', status: 3, minimum: [2], packages: ['mosquitto'] };
const openssl = { command: 'openssl', argument: 'version', minimum: [3], packages: ['openssl'] };
const python = { command: 'python3', argument: '--version', minimum: [3], packages: ['python3'] };
/** g++ has all that gcc has, and headers and libraries of C, which gcc only recommends. */
const compiler = {
  name: 'a compiler for C and C++',
  command: 'c++',
  header: 'stdio.h',
  packages: ['g++'],
  brew: 'gcc',
};
const sslHeaders = {
  name: "OpenSSL's headers",
  command: 'c++',
  header: 'openssl/ssl.h',
  packages: ['libssl-dev'],
  brew: 'openssl',
};
const uuidHeaders = {
  name: "libuuid's headers",
  command: 'c++',
  header: 'uuid/uuid.h',
  packages: ['uuid-dev'],
  brew: 'ossp-uuid',
};

/** What needs which tools. */
const needs = {
  build: [
    { command: 'emcc', argument: '--version', minimum: [3, 1, 6], packages: ['emscripten'] },
    { command: 'cmake', argument: '--version', minimum: [3, 25], packages: ['cmake'] },
    { command: 'ninja', argument: '--version', minimum: [1, 10], packages: ['ninja-build'], brew: 'ninja' },
    // Older ones can't read crates of edition 2024. Debian 12's is older, its cargo-web is not.
    { command: 'cargo', argument: '--version', minimum: [1, 85], packages: ['cargo', 'cargo-web'], brew: 'rust' },
  ],
  test: [mosquitto, openssl, python, compiler],
  native: [compiler, sslHeaders, uuidHeaders],
  upstream: [compiler, sslHeaders, uuidHeaders],
  bench: [compiler, sslHeaders, uuidHeaders, mosquitto],
};

/**
 * The environment for the tools: Debian's emcc needs acorn, which Node finds there only if it is Debian's too; and mosquitto is
 * where only root's PATH looks.
 */
export const toolEnvironment = {
  ...process.env,
  NODE_PATH: [process.env.NODE_PATH, '/usr/share/nodejs'].filter(Boolean).join(':'),
  PATH: [process.env.PATH, '/usr/sbin', '/opt/homebrew/sbin'].filter(Boolean).join(path.delimiter),
};

/**
 * Installs or names what is missing.
 * @param {(keyof typeof needs)[]} what
 * @returns the versions that are there, by command.
 */
export async function ensureTools(...what) {
  const tools = [...new Set(what.flatMap((each) => needs[each]))];
  const missing = await lacking(tools);
  if (missing.length > 0) await install(missing);
  const still = await lacking(missing);
  if (still.length > 0)
    fail(`${describe(still)} installed, but still not found or too old.`, 'Put a newer one on the PATH.');
  const versions = {};
  for (const tool of tools) if (tool.minimum) versions[tool.command] = (await versionOf(tool))?.join('.');
  return versions;
}

/** Those of the tools that are not there, or too old. */
async function lacking(tools) {
  const missing = [];
  for (const tool of tools) if (!(await isEnough(tool))) missing.push(tool);
  return missing;
}

async function versionOf({ command, argument, status: wanted = 0 }) {
  const { stdout, status } = await runTool(command, [argument], { env: toolEnvironment });
  const digits = status === wanted && /(?<!\d)(\d+)\.(\d+)(?:\.(\d+))?/.exec(stdout);
  return digits ? digits.slice(1).filter(Boolean).map(Number) : undefined;
}

async function isEnough(tool) {
  if (tool.header) return hasHeader(tool);
  const version = await versionOf(tool);
  return version !== undefined && compare(version, tool.minimum) >= 0;
}

/** Whether the compiler is there and finds a header. */
async function hasHeader({ command, header }) {
  const args = ['-fsyntax-only', '-include', header, '-x', 'c++', devNull];
  return (await runTool(command, args, { env: toolEnvironment })).status === 0;
}

function compare(a, b) {
  for (let i = 0; i < Math.max(a.length, b.length); i++)
    if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) - (b[i] ?? 0);
  return 0;
}

function describe(list) {
  return list.map(({ name, command, minimum }) => name ?? `${command} ${minimum.join('.')} or newer`).join(', ');
}

async function install(missing) {
  const hasApt = (await runTool('apt-get', ['--version'])).status === 0;
  if (!hasApt) fail(`Missing: ${describe(missing)}.`, hint(missing));
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) {
    // Without its lists apt knows no versions: then the usual names, and a word about the one that differs.
    const found = await packagesFor(missing);
    const packages = missing.map((tool, i) => found[i] ?? tool.packages[0]).join(' ');
    const unknown = found.includes(undefined) && packages.includes('cargo');
    const note = unknown ? '\n       On Debian 12: cargo-web in the place of cargo.' : '';
    fail(`Missing: ${describe(missing)}.`, `Type: sudo apt-get update && sudo apt-get install -y ${packages}${note}`);
  }
  step(`Installing ${missing.map(({ name, command }) => name ?? command).join(', ')} with apt`);
  // Where an installation was interrupted, apt refuses to install anything before this.
  await apt('dpkg', ['--configure', '-a']);
  await apt('apt-get', ['update', '-qq']);
  const packages = await packagesFor(missing);
  const absent = missing.filter((_, i) => packages[i] === undefined);
  if (absent.length > 0) fail(`apt has no ${describe(absent)}.`, hint(absent));
  // cargo trusts the system's certificates, but only recommends them.
  const certificates = existsSync('/etc/ssl/certs/ca-certificates.crt') ? [] : ['ca-certificates'];
  // Another one may be at work, and give its lock back soon.
  const options = ['-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
  await apt('apt-get', ['install', ...options, ...new Set([...packages, ...certificates])]);
}

function hint(missing) {
  const names = missing.map(({ packages, brew = packages[0] }) => brew).join(' ');
  return `Install them: on macOS \`brew install ${names}\`; elsewhere by your package manager, emcc by emsdk.`;
}

async function apt(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = await runTool(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  if (status !== 0) fail(`${command} ${args.join(' ')} failed.`, 'Run it by hand to see why, then try again.');
}

/** For each tool the first of its packages that apt has in a version that is enough. */
async function packagesFor(tools) {
  const found = [];
  for (const tool of tools) found.push(await packageFor(tool));
  return found;
}

async function packageFor({ packages, minimum = [] }) {
  for (const name of packages) {
    const { stdout } = await runTool('apt-cache', ['policy', name]);
    const digits = /Candidate: (?:\d+:)?(\d+)\.(\d+)(?:\.(\d+))?/.exec(stdout);
    if (digits && compare(digits.slice(1).filter(Boolean).map(Number), minimum) >= 0) return name;
  }
  return undefined;
}

if (process.argv[1] === import.meta.filename) await ensureTools(...Object.keys(needs));
