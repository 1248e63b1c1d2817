import { masked } from '../../masked.js';
import type { Gate } from '../gate.js';
import { HostLogCategory } from '../generated/index.js';
import type { Memory } from '../memory.js';

export type LogLevel = 'error' | 'info' | 'trace';

const LEVELS: Readonly<Record<number, LogLevel>> = {
  [HostLogCategory.error]: 'error',
  [HostLogCategory.info]: 'info',
  [HostLogCategory.trace]: 'trace',
};

/** A line of the SDK's log, or of the runtime's. */
export interface LogLine {
  readonly level: LogLevel;
  /** SAS signatures, keys and passwords in it are masked. */
  readonly message: string;
  /** The C file, as a path inside the SDK; `runtime` for lines that do not come from C. */
  readonly file: string;
  /** The C function. */
  readonly function: string;
  readonly line: number;
}

/** Gets each line of the log as it is written. It must not call the SDK. */
export type Logger = (line: LogLine) => void;

/** The log of host.h. */
export function logImports(memory: Memory, gate: Gate, logger: Logger | undefined) {
  return {
    log_line: (category: number, file: number, name: number, line: number, text: number): void => {
      if (logger === undefined) return;
      gate.guard(
        () =>
          logger({
            level: LEVELS[category] ?? 'trace',
            message: masked(memory.textAt(text) ?? ''),
            file: memory.textAt(file) ?? '',
            function: memory.textAt(name) ?? '',
            line,
          }),
        undefined,
      );
    },
  };
}

/** A line that does not come from C. */
export function runtimeLine(level: LogLevel, message: string): LogLine {
  return { level, message: masked(message), file: 'runtime', function: '', line: 0 };
}
