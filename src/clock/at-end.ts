import type { Clock } from './clock.js';
import { isMovable } from './movable.js';

/** The error where something never came that a test asked for. */
type Question = () => unknown;

const questions = new WeakMap<Clock, Set<Question>>();

/**
 * Has the emulator ask, when it is closed at the end of a test, whether what the test asked for has come. Not on the machine's clock, which is of
 * no test.
 * @param question Gives the error; undefined: it has come.
 * @returns Takes the question back.
 */
export function askAtEnd(clock: Clock, question: Question): () => void {
  if (!isMovable(clock)) return () => undefined;
  const asked = questions.get(clock) ?? new Set();
  questions.set(clock, asked.add(question));
  return () => void asked.delete(question);
}

/** The errors of what has not come, told once. */
export function errorsAtEnd(clock: Clock): readonly unknown[] {
  const asked = [...(questions.get(clock) ?? [])];
  questions.delete(clock);
  return asked.map((question) => question()).filter((error) => error !== undefined);
}
