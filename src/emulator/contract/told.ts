import { masked } from '../../masked.js';

/** Characters; a client chooses how long its addresses and names are. */
const MAX_TOLD = 1024;

/** The text of an error for a client. It may have put a secret where an address is wanted, and logs what it is told. */
export function told(text: string): string {
  const shown = masked(text, Math.min(text.length, MAX_TOLD));
  return text.length <= MAX_TOLD ? shown : `${shown}…`;
}
