// What the scripts here say to a person.

const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;

/** A step begins. */
export function step(text) {
  console.log(`${colour ? '\x1b[36m==>\x1b[0m' : '==>'} ${text}`);
}

/** What happened, and what to do; ends the process with 1. */
export function fail(what, todo) {
  console.error(`${colour ? '\x1b[31merror:\x1b[0m' : 'error:'} ${what}`);
  if (todo) console.error(`       ${todo}`);
  process.exit(1);
}
