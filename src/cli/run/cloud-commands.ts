import type { JsonObject } from '../../emulator/index.js';
import { invokeMethod, knownDevice, updateDesired } from './back-end.js';
import { command, type RunCommand } from './command.js';
import { quoted } from './patterns.js';
import { firstWord, invalid, json, something } from './words.js';

/** What a back end does. Each waits until the device is there. */
export const cloudCommands: readonly RunCommand[] = [
  command<{ name: string; payload: unknown }>({
    name: 'method',
    args: 'NAME [JSON]',
    about: 'calls a direct method and waits for the answer',
    examples: ['method setTemperature 35', 'method reboot {"delay": 5}'],
    parse: (rest) => {
      const [name, payload] = firstWord(something(rest, 'NAME'));
      return { name, payload: payload === '' ? null : json(payload) };
    },
    execute: async (session, { name, payload }) => void (await invokeMethod(session, name, payload)),
  }),
  command<JsonObject>({
    name: 'desired',
    args: 'JSON',
    about: 'changes desired properties; null deletes one',
    examples: ['desired {"lamp": true}'],
    parse: (rest) => {
      const patch = json(something(rest, 'JSON'));
      if (typeof patch !== 'object' || patch === null || Array.isArray(patch))
        throw invalid('Desired properties are an object: {"lamp": true}');
      return patch as JsonObject;
    },
    execute: (session, patch) => updateDesired(session, patch),
  }),
  command<string>({
    name: 'c2d',
    args: 'TEXT',
    about: 'sends a cloud-to-device message; a text in quotes with the escapes of JSON',
    examples: ['c2d hello', 'c2d {"volume": 3}'],
    parse: (rest) => quoted(something(rest, 'TEXT')) ?? rest,
    execute: async (session, body) => void (await knownDevice(session)).sendC2D(body),
  }),
];
