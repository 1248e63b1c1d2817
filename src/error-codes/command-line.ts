import type { ErrorTexts } from './error-text.js';

export const COMMAND_LINE = {
  API_READER_FAILED: {
    meaning: 'The program that reads C headers failed.',
    whatToDo: 'Read its output in the message. If it is no fault of the headers, report it.',
  },
  API_SNAPSHOT_INVALID: {
    meaning: 'The file is no API snapshot, or is damaged.',
    whatToDo: 'Take the snapshot again with `sphere-iot api snapshot`.',
  },
  API_SNAPSHOT_NOT_FOUND: {
    meaning: "The API snapshot of the package can't be read.",
    whatToDo: 'In a clone of the project, run `npm run setup`. Elsewhere install the package again.',
  },
  API_SNAPSHOT_TOO_NEW: {
    meaning: 'A newer version of sphere-iot wrote the API snapshot.',
    whatToDo: 'Use that version, or take the snapshot again.',
  },
  APP_NOT_ENDED: {
    meaning: 'The app does not end by SIGKILL, because it is in a loop that calls nothing.',
    whatToDo: 'Have the loop wait for events.',
  },
  COMMAND_INVALID: {
    meaning: 'A command of `run` is not written as it has to be.',
    whatToDo: 'Write it as the message shows.',
  },
  COMPILER_NOT_FOUND: {
    meaning: 'The compiler that reads C headers is not there.',
    whatToDo: 'Install Emscripten, or give the path of emcc.',
  },
  DPS_REFUSES: {
    meaning: 'DPS would refuse the certificate that was inspected.',
    whatToDo: 'Correct what the message names.',
  },
  EXIT_UNEXPECTED: {
    meaning: 'The app ended, and no line of the script expects that.',
    whatToDo: 'Add `expect exit CODE` to the script, or correct the app.',
  },
  EXPECTATION_FAILED: {
    meaning: 'What a script expects did not come, or came where it was not to.',
    whatToDo: 'Read the last happenings in the message.',
  },
  HEADERS_INVALID: {
    meaning: "The compiler can't read the C headers.",
    whatToDo: "Read the compiler's output in the message.",
  },
  INTERNAL_ERROR: {
    meaning: 'sphere-iot itself has a fault.',
    whatToDo: 'Report it with what you typed.',
  },
  INTERRUPTED: {
    meaning: 'Ctrl-C or a signal ended the command.',
    whatToDo: 'Run the command again.',
  },
  PACKAGE_JSON_INVALID: {
    meaning: "`package.json` can't be read, or can't be added to.",
    whatToDo: 'Mend it, or move it away.',
  },
  PIN_NOT_OPEN: {
    meaning: 'The app has not opened the pin as an input.',
    whatToDo: 'Wait until it has, or press another button.',
  },
  SCRIPT_EMPTY: {
    meaning: 'The script has no command that could fail, so that it would always pass.',
    whatToDo: 'Add an `expect` line.',
  },
  SCRIPT_INVALID: {
    meaning: "The script has lines that can't be carried out, or is no text in UTF-8.",
    whatToDo: 'Correct the lines that the message lists.',
  },
  SDK_NOT_FOUND: {
    meaning: 'The folder does not hold the Azure IoT C SDK.',
    whatToDo: 'Name the folder that holds `iothub_client`, `provisioning_client` and `c-utility`.',
  },
  USAGE: {
    meaning: 'The command itself was wrong.',
    whatToDo: 'Read `--help` of the command.',
  },
  WIRE_INVALID: {
    meaning: 'What was given is no recording of a wire, or a line of it is damaged.',
    whatToDo: 'Give the entries of a recording, or their text as it was written.',
  },
} as const satisfies ErrorTexts;
