// For apps that were written on Windows and include <azureiot\iothub.h>: where a back-slash is part of a file's name, a file of
// that name which includes the right one. Arguments: the folder with the headers, and the folder for such files.
const { mkdirSync, readdirSync, writeFileSync } = require('node:fs');
const { join, sep } = require('node:path');

const [from, to] = process.argv.slice(2);

if (sep === '/') {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from, { recursive: true }))
    if (name.endsWith('.h') && name.includes('/'))
      writeFileSync(join(to, name.replaceAll('/', '\\')), `#include <${name}>\n`);
}
