/** The name that a misspelled one is likely to mean: of those that need fewest changes of a letter; undefined where all are far. */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(wrong.length / 3));
  const [name, changes] = names
    .map((each) => [each, changesBetween(wrong.toLowerCase().slice(0, 64), each.toLowerCase())] as const)
    .reduce<readonly [string, number]>((best, each) => (each[1] < best[1] ? each : best), ['', Infinity]);
  return changes <= most ? name : undefined;
}

/** For the end of an error about a name that there is not: the one that is meant, or all that there are. */
export function instead(wrong: string, names: readonly string[]): string {
  const meant = nearest(wrong, names);
  if (meant !== undefined) return `; ${meant} is meant, perhaps`;
  return names.length === 0 ? '' : `, but ${names.join(', ')}`;
}

/** Letters that are added, left out, or others: Levenshtein's distance. */
function changesBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] as number) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[other.length] as number;
}
