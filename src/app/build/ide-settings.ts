import path from 'node:path';
import { SphereIotError, messageOf } from '../../errors.js';
import { readTextWithin, undefinedIfUnreadable } from '../../read-file.js';
import { parseJsonWithComments } from '../json-with-comments.js';

/** Cache variables of cmake, by name. */
export type CmakeVariables = Readonly<Record<string, string>>;

type Fields = Readonly<Record<string, unknown>>;
/** What `${…}` stands for; undefined where nothing is known. */
type Macros = (macro: string) => string | undefined;

/** What the SDK took from the environment before it had functions for it, and the cache variables of the same meaning. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  AzureSphereTargetApiSet: 'AZURE_SPHERE_TARGET_API_SET',
  AzureSphereTargetHardwareDefinition: 'AZURE_SPHERE_TARGET_HARDWARE_DEFINITION',
  AzureSphereTargetHardwareDefinitionDirectory: 'AZURE_SPHERE_TARGET_HARDWARE_DEFINITION_DIRECTORY',
};

const MACRO = /\$(?:[{]([^{}]+)[}]|(p?env[{][^{}]+)[}])/g;

/** Characters that macros may bring into a value: more than a command line holds. */
const MAX_VALUE = 100_000;

/** Variables for the tools of the build and its target, which this package decides. */
const DECIDED_HERE =
  /^CMAKE_(TOOLCHAIN_FILE|BUILD_TYPE|MAKE_PROGRAM|INSTALL_PREFIX|PROJECT_INCLUDE|SYSTEM_\w+|\w*COMPILER\w*|AR|LINKER|RANLIB)$/;

/**
 * Reads the cache variables that the IDEs pass to cmake for an app, the board among them: from CMakeSettings.json,
 * .vscode/settings.json, CMakePresets.json and CMakeUserPresets.json, the later ones over the earlier ones. Of several
 * configurations, the first one of the build type counts, or else the first one.
 * @param source The app's folder.
 * @param type `Debug` or `Release`.
 * @throws SphereIotError `APP_BUILD_FAILED` where one of them is no JSON.
 */
export async function readIdeSettings(source: string, type: string): Promise<CmakeVariables> {
  const read = async (name: string): Promise<Fields> => fieldsOf(await readJson(path.join(source, name)));
  const [visualStudio, code, presets, userPresets] = await Promise.all([
    read('CMakeSettings.json'),
    read('.vscode/settings.json'),
    read('CMakePresets.json'),
    read('CMakeUserPresets.json'),
  ]);
  const variables = {
    ...fromVisualStudio(visualStudio, source, type),
    ...fromCode(code, source),
    ...fromPresets([...listOf(presets.configurePresets), ...listOf(userPresets.configurePresets)], source, type),
  };
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !DECIDED_HERE.test(name)));
}

async function readJson(file: string): Promise<unknown> {
  const text = await readTextWithin(file).catch(undefinedIfUnreadable);
  try {
    return text === undefined ? undefined : parseJsonWithComments(text);
  } catch (error) {
    throw new SphereIotError('APP_BUILD_FAILED', `${file} is no JSON: ${messageOf(error)}.`, { cause: error });
  }
}

/** CMakeSettings.json: configurations, which inherit environments. */
function fromVisualStudio(settings: Fields, source: string, type: string): CmakeVariables {
  const configuration = ofBuildType(listOf(settings.configurations), type, 'configurationType');
  if (configuration === undefined) return {};
  const inherited = namesOf(configuration.inheritEnvironments);
  const environments = [
    ...listOf(settings.environments).filter(
      ({ environment }) => environment === undefined || inherited.includes(textOf(environment) ?? ''),
    ),
    ...listOf(configuration.environments),
  ];
  const environment = textsOf(Object.assign({}, ...environments) as Fields);
  const macros: Macros = (macro) => {
    if (/^(projectDir|workspaceRoot|thisFileDir)$/.test(macro)) return source;
    if (macro === 'projectDirName') return path.basename(source);
    if (macro === 'thisFile') return path.join(source, 'CMakeSettings.json');
    if (macro === 'name' || macro === 'generator') return textOf(configuration[macro]);
    const [, name = ''] = /^[\w-]+\.(.+)$/.exec(macro) ?? [];
    return environment[name] ?? process.env[name];
  };
  const listed = listOf(configuration.variables).map(({ name, value }) => [textOf(name) ?? '', textOf(value) ?? '']);
  return expandAll(
    {
      ...fromEnvironment(environment),
      ...fromArguments(textOf(configuration.cmakeCommandArgs) ?? ''),
      ...(Object.fromEntries(listed) as CmakeVariables),
    },
    macros,
  );
}

/** .vscode/settings.json: what the CMake extension passes. */
function fromCode(settings: Fields, source: string): CmakeVariables {
  const environment = {
    ...textsOf(fieldsOf(settings['cmake.environment'])),
    ...textsOf(fieldsOf(settings['cmake.configureEnvironment'])),
  };
  const macros: Macros = (macro) => {
    if (/^(workspaceFolder|workspaceRoot|sourceDir|sourceDirectory)$/.test(macro)) return source;
    if (/^(workspaceFolderBasename|workspaceRootFolderName)$/.test(macro)) return path.basename(source);
    const [, name = ''] = /^env[:.](.+)$/.exec(macro) ?? [];
    return environment[name] ?? process.env[name];
  };
  return expandAll(
    {
      ...fromEnvironment(environment),
      ...fromArguments(namesOf(settings['cmake.configureArgs'])),
      ...textsOf(fieldsOf(settings['cmake.configureSettings'])),
    },
    macros,
  );
}

/** CMakePresets.json: presets, which inherit one another. */
function fromPresets(presets: readonly Fields[], source: string, type: string): CmakeVariables {
  const whole = withInherited(presets);
  const preset = ofBuildType(
    whole.filter(({ hidden }) => hidden !== true),
    type,
    'CMAKE_BUILD_TYPE',
  );
  if (preset === undefined) return {};
  const environment = textsOf(fieldsOf(preset.environment));
  const macros: Macros = (macro) => {
    if (macro === 'sourceDir') return source;
    if (macro === 'sourceParentDir') return path.dirname(source);
    if (macro === 'sourceDirName') return path.basename(source);
    if (macro === 'presetName') return textOf(preset.name);
    if (macro === 'generator') return textOf(preset.generator);
    if (macro === 'dollar') return '$';
    const [, from, name = ''] = /^(env|penv)[{](.+)$/.exec(macro) ?? [];
    return (from === 'env' ? environment[name] : undefined) ?? process.env[name];
  };
  return expandAll({ ...fromEnvironment(environment), ...textsOf(fieldsOf(preset.cacheVariables)) }, macros);
}

/**
 * Presets with all that they inherit: a preset's own fields, and the earlier of those it inherits from, win. Each is made once,
 * however many inherit it; one that inherits itself, which cmake refuses, gets what it has by then.
 */
function withInherited(presets: readonly Fields[]): Fields[] {
  const byName = new Map([...presets].reverse().map((preset) => [preset.name, preset]));
  const made = new Map<Fields, Fields>();
  const make = (preset: Fields): Fields => {
    const before = made.get(preset);
    if (before !== undefined) return before;
    made.set(preset, preset);
    const parents = [...new Set(namesOf(preset.inherits))]
      .map((name) => byName.get(name))
      .filter((each) => each !== undefined)
      .map(make)
      .reverse();
    const merged = (field: string): Fields =>
      Object.assign({}, ...[...parents, preset].map((each) => fieldsOf(each[field]))) as Fields;
    const whole = { ...preset, cacheVariables: merged('cacheVariables'), environment: merged('environment') };
    made.set(preset, whole);
    return whole;
  };
  return presets.map(make);
}

/** Of several configurations, the first one of a build type, which it states or has in its name. */
function ofBuildType(configurations: readonly Fields[], type: string, field: string): Fields | undefined {
  const typeOf = (each: Fields): string =>
    textOf(each[field] ?? fieldsOf(each.cacheVariables)[field]) ?? textOf(each.name) ?? '';
  const fits = configurations.find((each) => typeOf(each).toLowerCase().includes(type.toLowerCase()));
  return fits ?? configurations[0];
}

function fromEnvironment(environment: CmakeVariables): CmakeVariables {
  const known = Object.entries(environment).filter(([name]) => Object.hasOwn(ENVIRONMENT, name));
  return Object.fromEntries(known.map(([name, value]) => [ENVIRONMENT[name] as string, value]));
}

/** The variables of -D options: of a command line with quotes, or of its parts. */
function fromArguments(options: string | readonly string[]): CmakeVariables {
  const parts =
    typeof options === 'string'
      ? (options.match(/(?:[^\s"]|"(?:[^"\\]|\\.)*")+/g) ?? []).map((part) => part.replace(/"/g, ''))
      : options;
  const definitions = parts.map((part, i) => (parts[i - 1] === '-D' ? `-D${part}` : part));
  return Object.fromEntries(
    definitions
      .map((definition) => /^-D([^:=]+)(?::[A-Z]+)?=([^]*)$/.exec(definition))
      .filter((match) => match !== null)
      .map(([, name = '', value = '']) => [name, value]),
  );
}

/**
 * Replaces `${name}`, `${env.NAME}`, `${env:NAME}`, `$env{NAME}` and their like; an unknown one is nothing, and so is one inside
 * of itself. A value that would be longer than MAX_VALUE keeps the rest of its macros as they are.
 */
function expandAll(variables: CmakeVariables, macros: Macros): CmakeVariables {
  const expand = (text: string, room: { left: number }, outer: readonly string[]): string =>
    text.replace(MACRO, (all, plain?: string, environment?: string) => {
      const macro = plain ?? environment ?? '';
      const value = outer.includes(macro) ? '' : (macros(macro) ?? '');
      room.left -= Math.max(1, value.length);
      return room.left < 0 ? all : expand(value, room, [...outer, macro]);
    });
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, expand(value, { left: MAX_VALUE }, [])]),
  );
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** A list of strings, or one of them. */
function namesOf(value: unknown): readonly string[] {
  return typeof value === 'string'
    ? [value]
    : Array.isArray(value)
      ? value.filter((each) => typeof each === 'string')
      : [];
}

/** A value as cmake has it; also of a preset's `{ "type": …, "value": … }`. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? 'ON' : 'OFF';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  const inner = fieldsOf(value).value;
  return inner === undefined ? undefined : textOf(inner);
}

function textsOf(fields: Fields): CmakeVariables {
  const texts = Object.entries(fields).map(([name, value]) => [name, textOf(value)] as const);
  return Object.fromEntries(texts.filter((each): each is [string, string] => each[1] !== undefined));
}
