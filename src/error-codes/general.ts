import type { ErrorTexts } from './error-text.js';

export const GENERAL = {
  ADDRESS_NOT_AVAILABLE: {
    meaning: 'This machine does not have the address to listen on.',
    whatToDo: 'Give another address (`--host`).',
  },
  ARGUMENT_INVALID: {
    meaning: 'An argument has another type or value than the function takes.',
    whatToDo: 'Give what the message names.',
  },
  CLOCK_HELD: {
    meaning: "The virtual clock can't move, because something that shares it is still under way.",
    whatToDo: 'End or await what the message names.',
  },
  CLOCK_STALLED: {
    meaning: "`runUntil` waits for what can't come, because no timer is set on the virtual clock.",
    whatToDo: 'Begin what is to bring it about before you call `runUntil`.',
  },
  CLOSE_FAILED: {
    meaning: 'Several things went wrong at a close, and the first has no code of sphere-iot.',
    whatToDo: 'Read all of them in the message, and in the `errors` of `cause`.',
  },
  CONTENT_INVALID: {
    meaning: 'A content is neither a text nor a `Uint8Array`.',
    whatToDo: 'Give one of these.',
  },
  DISK_FULL: {
    meaning: 'The disk is full, or the user may not write more.',
    whatToDo: 'Make room.',
  },
  DURATION_INVALID: {
    meaning: 'A duration is no number of milliseconds that can be.',
    whatToDo: 'Give what the message names.',
  },
  FILE_EXISTS: {
    meaning: 'The file or folder is there already.',
    whatToDo: 'Move it away, or choose another name.',
  },
  FILE_IN_USE: {
    meaning: 'Another program uses the file.',
    whatToDo: 'End that program, or choose another file.',
  },
  FILE_IS_FOLDER: {
    meaning: 'The path is that of a folder, and a file is needed.',
    whatToDo: 'Name a file.',
  },
  FILE_NAME_INVALID: {
    meaning: 'The path is too long, or its links go round in circles.',
    whatToDo: 'Choose another path.',
  },
  FILE_NOT_ALLOWED: {
    meaning: 'The user has no right to the file, or the disk can only be read.',
    whatToDo: 'Change the rights, or choose another file.',
  },
  FILE_NOT_FOUND: {
    meaning: 'The file or folder is not there.',
    whatToDo: 'Check the path.',
  },
  FILE_NOT_REGULAR: {
    meaning: 'The path is that of a device, a pipe or a link, and a regular file is needed.',
    whatToDo: 'Name a file.',
  },
  FILE_NO_FOLDER: {
    meaning: 'The path is that of a file, or is below one, and a folder is needed.',
    whatToDo: 'Name a folder.',
  },
  FILE_TOO_LARGE: {
    meaning: 'The file is larger than a file of its kind can be.',
    whatToDo: 'Check that it is the right file.',
  },
  FILE_UNREADABLE: {
    meaning: 'The disk fails at the file.',
    whatToDo: 'Check the disk.',
  },
  LISTENER_FAILED: {
    meaning: 'A listener threw an error. What it listens to went on.',
    whatToDo: 'Correct the listener: `cause` has its error.',
  },
  OPTIONS_INVALID: {
    meaning: 'Options have an unknown name, a wrong value, or do not go together.',
    whatToDo: 'Correct what the message names.',
  },
  PORT_IN_USE: {
    meaning: 'Something else listens on the port.',
    whatToDo: 'Choose another port (`--port`), or end what has it.',
  },
  PORT_NOT_ALLOWED: {
    meaning: 'The user has no right to listen on the port. Ports below 1024 often need one.',
    whatToDo: 'Choose a port from 1024 on.',
  },
  TIMED_OUT: {
    meaning: 'What was waited for did not come within the limit of the wait.',
    whatToDo: 'Read in the message what happened last. If it only takes longer, give the wait more time.',
  },
  TIMEOUT_INVALID: {
    meaning: 'The timeout of a wait is no number of milliseconds that can be.',
    whatToDo: 'Give what the message names.',
  },
  TOO_MANY_FILES: {
    meaning: 'The process or the machine has too many files open.',
    whatToDo: 'Close files, or raise the limit (`ulimit -n`).',
  },
  WAIT_FORGOTTEN: {
    meaning: 'A test ended, and nobody awaits a wait that it began.',
    whatToDo:
      'Write `await` before the wait: the stack of the error says where. End a wait that is given up by its `signal`.',
  },
} as const satisfies ErrorTexts;
