import { types } from 'node:util';

import type { ErrorCode } from './error-codes/index.js';

/** What Node says of a file or a port, in words of ours and with a stable code. */
export interface SystemReason {
  /** For example `FILE_NOT_FOUND`. */
  readonly code: ErrorCode;
  /** A sentence without its capital and its full stop. */
  readonly text: string;
}

type Words = readonly [code: ErrorCode, text: (it: string) => string];

/** By errno, of calls that have to do with files. */
const FILES: Readonly<Record<string, Words>> = {
  ENOENT: ['FILE_NOT_FOUND', (it) => `there is no ${it}`],
  EACCES: ['FILE_NOT_ALLOWED', (it) => `this user has no right to ${it}`],
  EPERM: ['FILE_NOT_ALLOWED', (it) => `this user has no right to ${it}`],
  EROFS: ['FILE_NOT_ALLOWED', (it) => `${it} is on a disk that can only be read`],
  EISDIR: ['FILE_IS_FOLDER', (it) => `${it} is a folder, not a file`],
  ENOTDIR: ['FILE_NO_FOLDER', (it) => `${it} is, or is below, what is no folder`],
  // Folders are made with those that they are in.
  'ENOENT mkdir': [
    'FILE_NOT_FOUND',
    (it) => `the folder ${it} can't be made: its path has a link to what is not there, or no folders can be made there`,
  ],
  // Of mkdir it is said of what stands where a folder is to be.
  'EEXIST mkdir': ['FILE_NO_FOLDER', (it) => `${it} is no folder`],
  EEXIST: ['FILE_EXISTS', (it) => `${it} is there already`],
  ENOTEMPTY: ['FILE_EXISTS', (it) => `${it} is there already, and not empty`],
  ENAMETOOLONG: ['FILE_NAME_INVALID', (it) => `the name ${it} is too long`],
  ELOOP: ['FILE_NAME_INVALID', (it) => `the links of ${it} go round in circles`],
  ENOSPC: ['DISK_FULL', (it) => `the disk is full, at ${it}`],
  EDQUOT: ['DISK_FULL', (it) => `this user may not write more, at ${it}`],
  EMFILE: ['TOO_MANY_FILES', () => 'this process has too many files open'],
  ENFILE: ['TOO_MANY_FILES', () => 'this machine has too many files open'],
  EBUSY: ['FILE_IN_USE', (it) => `${it} is in use`],
  ETXTBSY: ['FILE_IN_USE', (it) => `${it} is in use`],
  EIO: ['FILE_UNREADABLE', (it) => `the disk fails at ${it}`],
};

/** By errno, of listening. */
const PORTS: Readonly<Record<string, Words>> = {
  EADDRINUSE: ['PORT_IN_USE', (it) => `something else listens on ${it}`],
  EACCES: ['PORT_NOT_ALLOWED', (it) => `this user has no right to listen on ${it}`],
  EADDRNOTAVAIL: ['ADDRESS_NOT_AVAILABLE', (it) => `this machine does not have the address: ${it}`],
};

/** Calls of Node that have to do with sockets, though they have no path. */
const SOCKET_CALLS = ['connect', 'getaddrinfo', 'write', 'read', 'shutdown', 'send', 'recv', 'bind', 'listen', 'spawn'];

/**
 * Undefined where it is no error of a file or of a port to listen on.
 * @param file The file that was meant, where Node names none, or another one.
 */
export function systemReason(thrown: unknown, file?: string): SystemReason | undefined {
  // Node's own errors are of another realm where jest runs this.
  if (!types.isNativeError(thrown)) return undefined;
  const {
    code = '',
    syscall = '',
    address = 'this machine',
    port,
    ...rest
  } = thrown as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  const path = file ?? rest.path;
  if (syscall === 'listen' || syscall === 'bind')
    return wordsOf(PORTS, code, port === undefined ? address : `port ${port} of ${address}`);
  const isOfFile = path !== undefined ? !syscall.startsWith('spawn') : !SOCKET_CALLS.includes(syscall);
  // Of a folder that is read as a file, Node says `read`.
  if (!isOfFile && code !== 'EISDIR') return undefined;
  const it = path === '' ? "file with an empty name ('')" : (path ?? 'it');
  return wordsOf(FILES, `${code} ${syscall}`, it) ?? wordsOf(FILES, code, it);
}

function wordsOf(all: Readonly<Record<string, Words>>, errno: string, it: string): SystemReason | undefined {
  const words = all[errno];
  return words && { code: words[0], text: words[1](it) };
}
