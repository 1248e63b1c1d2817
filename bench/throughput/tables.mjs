// The tables of `npm run bench`.

/** Three digits that count, with thousands. */
export function rounded(value) {
  const digits = Math.max(0, Math.floor(Math.log10(value)) - 2);
  return (Math.round(value / 10 ** digits) * 10 ** digits).toLocaleString('en-US');
}

/** The median, and the spread in parentheses; empty where nothing was measured. */
export function spread(statistics, format = rounded) {
  if (statistics === undefined) return '';
  const { median, least, most } = statistics;
  return `${format(median)} (${format(least)}–${format(most)})`;
}

/** @param {string[]} head @param {string[][]} rows */
export function printTable(title, head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  const line = (row) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = widths.map((width, i) => '-'.repeat(width - (i > 0)) + (i > 0 ? ':' : ''));
  console.log(`\n${title}\n\n${[line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')}`);
}
