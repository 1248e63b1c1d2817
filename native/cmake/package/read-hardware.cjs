// What hardware.cmake asks: node read-hardware.cjs OUTPUT DEFINITION FOLDER...
// With an empty DEFINITION, all of those in the first folder. Prints lines "file …", "include …" and "peripheral …".
const { findDefinition, makeAllHeaders, makeHeaders } = require('./hardware-definition.cjs');

const [output, definition, ...folders] = process.argv.slice(2);
try {
  const made =
    definition === ''
      ? makeAllHeaders(folders, output)
      : makeHeaders([findDefinition(definition, undefined, folders)], folders, output);
  const lines = (kind, values) => values.map((value) => `${kind} ${value}\n`).join('');
  process.stdout.write(
    lines('file', made.files) + lines('include', made.includes) + lines('peripheral', made.peripherals),
  );
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
