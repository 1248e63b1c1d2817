import { InvalidArgumentError } from 'commander';

import { messageOf, SphereIotError } from '../../errors.js';
import { MAX_DAYS } from '../../rules.js';
import { durationUpTo } from '../arguments.js';

// What the commands of `run` are made of.

/** How much of a line is shown, and of a word, in characters. */
const SHOWN_LINE = 1_000;
const SHOWN_WORD = 200;

/** A command that can't be carried out as it is written. */
export function invalid(message: string): SphereIotError {
  const text = shown(message);
  return new SphereIotError('COMMAND_INVALID', /[.?!]$/.test(text) ? text : `${text}.`);
}

/** What was written, as an error shows it: long words, and long lines, without their ends. */
export function shown(text: string): string {
  const words = text.replace(/\S{201,}/g, (word) => `${word.slice(0, SHOWN_WORD)}…`);
  return words.length > SHOWN_LINE ? `${words.slice(0, SHOWN_LINE)}…` : words;
}

/** The first word, and the text after it. */
export function firstWord(text: string): readonly [word: string, rest: string] {
  const trimmed = text.trim();
  const end = trimmed.search(/\s/);
  return end < 0 ? [trimmed, ''] : [trimmed.slice(0, end), trimmed.slice(end).trimStart()];
}

/** All words of a text. @param names What each is, for errors. @param min How many there must be; default: all. */
export function words(text: string, names: readonly string[], min = names.length): string[] {
  const all = text.split(/\s+/).filter((word) => word !== '');
  if (all.length < min) throw missing(names[all.length] as string);
  if (all.length > names.length) throw invalid(`${all.slice(names.length).join(' ')} is too much`);
  return all;
}

/** The text after a command that takes one. @param name What it is, for errors. */
export function something(text: string, name: string): string {
  if (text === '') throw missing(name);
  return text;
}

function missing(name: string): SphereIotError {
  return invalid(`${name} is missing`);
}

/** ms, ten years at most: a clock can't show every time. */
export function milliseconds(text: string): number {
  try {
    return durationUpTo(text, MAX_DAYS);
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw invalid(`${text} is no duration: ${messageOf(error)}`);
    throw error;
  }
}

/** ms, more than 0. */
export function someTime(text: string): number {
  const ms = milliseconds(text);
  if (ms === 0) throw invalid(`Give a duration of more than 0, not ${text}`);
  return ms;
}

/** A level of a pin. */
export function level(text: string): 0 | 1 {
  if (text === '0' || text === 'low') return 0;
  if (text === '1' || text === 'high') return 1;
  throw invalid(`A pin is 0 (low) or 1 (high), not ${text}`);
}

export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`${text} is no JSON: ${messageOf(error)}`);
  }
}

/** @param what For errors, with its article. */
export function integer(text: string, what: string, [from, to]: readonly [number, number]): number {
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(value >= from && value <= to)) throw invalid(`${what} is a whole number from ${from} to ${to}, not ${text}`);
  return value;
}
