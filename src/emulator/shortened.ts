/** Longest text in a description. */
const LONGEST = 120;

export function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

/** What a wait is for that has a predicate: ` for which … holds`; nothing where it has none. */
export function forWhich(predicate: ((value: never) => boolean) | undefined): string {
  return predicate === undefined ? '' : ` for which ${shortened(String(predicate).replace(/\s+/g, ' '))} holds`;
}
