// Each public function of the Sphere subset's headers is there for TypeScript, or stands in a list with the reason why not.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { snapshotApi, type ApiSnapshot } from '../../src/regression/index.js';
import { createSdk, type Sdk } from '../../src/sdk/index.js';
import { root, snapshotEditedSdk } from './support.js';

const annotations = JSON.parse(readFileSync(path.join(root, 'wasm-build/annotations.json'), 'utf8')) as {
  headers: string[];
  excluded: Record<string, string>;
  excludedPatterns: Record<string, string>;
  providers: string[];
};

let sdk: Sdk;
beforeAll(async () => {
  sdk = await createSdk();
});
afterAll(() => sdk.close());

/** The functions of the headers that the binding is made from. */
function publicFunctions({ headers, functions }: ApiSnapshot): string[] {
  const named = new Set(headers.filter(({ included }) => !included).map(({ name }) => name));
  return functions.filter(({ header }) => named.has(header)).map(({ name }) => name);
}

function isExcluded(name: string): boolean {
  const patterns = Object.keys(annotations.excludedPatterns);
  return name in annotations.excluded || patterns.some((pattern) => new RegExp(pattern).test(name));
}

/** A protocol is passed, not called. */
function isCallable(name: string): boolean {
  const value = sdk[name as keyof Sdk] as unknown;
  return annotations.providers.includes(name) ? value !== undefined : typeof value === 'function';
}

function unaccounted(snapshot: ApiSnapshot): string[] {
  return publicFunctions(snapshot).filter((name) => !isCallable(name) && !isExcluded(name));
}

test('none is missing', async () => {
  const snapshot = await snapshotApi();
  expect(publicFunctions(snapshot).length).toBeGreaterThan(100);
  expect(unaccounted(snapshot)).toEqual([]);
});

test('a function that a header gains is noticed', async () => {
  const edited = await snapshotEditedSdk('iothub_client/inc/iothub.h', (text) =>
    text.replace(/(.*IoTHub_Init.*)/, '$1\nMOCKABLE_FUNCTION(, int, IoTHub_New, int, level);'),
  );
  expect(unaccounted(edited)).toEqual(['IoTHub_New']);
});

test('every header of the binding is read, and in every one of them is something', async () => {
  const { headers, functions, constants } = await snapshotApi();
  const names = headers.filter(({ included }) => !included).map(({ name }) => name);
  expect(names.sort()).toEqual([...annotations.headers].sort());
  const filled = new Set([...functions, ...constants].map(({ header }) => header));
  expect(names.filter((name) => !filled.has(name))).toEqual([]);
});

test('the types say the same: every function that is there is declared, and no excluded one', () => {
  const text = readFileSync(path.join(root, 'src/sdk/generated/functions.ts'), 'utf8');
  const declared = [...text.matchAll(/^ {2}(\w+)[(<]/gm)].map((match) => match[1]);
  const ours = ['close', 'IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning'];
  const there = Object.keys(sdk).filter((name) => typeof sdk[name as keyof Sdk] === 'function' && !ours.includes(name));
  expect([...declared].sort()).toEqual(there.sort());
  expect(declared.filter((name) => isExcluded(name as string))).toEqual([]);
});

test('every exclusion has a reason, and something to exclude', async () => {
  const functions = publicFunctions(await snapshotApi());
  for (const [name, reason] of Object.entries(annotations.excluded)) {
    expect(functions).toContain(name);
    expect(reason).toMatch(/\w+ \w+/);
  }
  for (const [pattern, reason] of Object.entries(annotations.excludedPatterns)) {
    expect(functions.filter((name) => new RegExp(pattern).test(name))).not.toEqual([]);
    expect(reason).toMatch(/\w+ \w+/);
  }
});
