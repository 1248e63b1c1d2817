import { program } from '../../src/cli/program.js';
import type { CliIo } from '../../src/cli/io.js';
import type { Command } from 'commander';
import { cli } from './support.js';

/** Every command that does something, by its full name. */
function commands(command: Command, path: readonly string[] = []): [string[], Command][] {
  if (command.commands.length === 0) return [[[...path], command]];
  return command.commands.flatMap((each) => commands(each, [...path, each.name()]));
}

const io = {
  stdout: { write: () => undefined },
  stderr: { write: () => undefined },
  env: {},
  interrupted: new AbortController().signal,
  exitCode: 0,
} satisfies CliIo;

describe('sphere-iot', () => {
  test('without a command, and with a wrong one, says how it is used and ends with 2', async () => {
    const none = await cli([]);
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toContain('Usage: sphere-iot');
    const wrong = await cli(['catalogue']);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain("unknown command 'catalogue'");
  });

  test('says its version', async () => {
    expect(await cli(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  test('names the exit codes in its help', async () => {
    const { code, stdout } = await cli(['--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Exit codes: 0 .* 1 .* 2 /);
  });

  test.each(commands(program(io)))('%p has help with an example, and --json', async (path) => {
    const { code, stdout, stderr } = await cli([...path, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`Examples:\n  sphere-iot ${path.join(' ')}`));
    expect(stdout).toContain('--json');
    const unknown = await cli([...path, '--no-such-option']);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
  });

  test.each<[string[], string]>([
    [['--json'], 'Name a command: catalog, device, cert, emulate, api, build, run, init-tests, explain.'],
    [['catalog', '--json'], 'Name a command: create, show,'],
    [['device', '--json', 'show'], 'Name a command: '],
    [['api', '--json'], 'Name a command: snapshot, diff.'],
    [['catalog', 'show', '--json', '--jsom'], "unknown option '--jsom'"],
  ])('--json without a command, as in %j, is told which there are', async (argv, message) => {
    const { code, stdout, stderr } = await cli(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr)).toEqual({ error: { code: 'USAGE', message: expect.stringContaining(message) } });
  });

  test('a file with an empty name is told of as that', async () => {
    const { code, stderr } = await cli(['cert', 'inspect', '', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'FILE_NOT_FOUND', message: expect.stringContaining("empty name ('')") },
    });
  });

  test('an error is JSON too with --json', async () => {
    const { code, stdout, stderr } = await cli(['catalog', 'show', '--dir', '/nonexistent', '--json']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'CATALOG_FOLDER_NOT_FOUND', message: expect.stringContaining('/nonexistent') },
    });
  });
});
