// A bar chart as SVG: groups of bars, each as a multiple of the first one of its group.

const BAR = 34;
const GAP = 40;
const HEIGHT = 220;
const TOP = 30;
const LEFT = 20;
const COLOURS = ['#8a8f98', '#c9ccd1', '#1f6feb', '#d29922', '#3fb950', '#a371f7'];

/**
 * @param {string} title
 * @param {string[]} series Names of the bars of each group.
 * @param {{ name: string, values: (number | undefined)[] }[]} groups In the order of `series`.
 */
export function chartOf(title, series, groups) {
  const parts = [];
  let x = LEFT;
  const most = Math.max(...groups.flatMap(({ values }) => values.map((value) => (value ?? 0) / values[0])));
  for (const { name, values } of groups) {
    const begin = x;
    values.forEach((value, i) => {
      if (value === undefined) return;
      const height = (value / values[0] / most) * HEIGHT;
      const y = TOP + HEIGHT - height;
      parts.push(`<rect x="${x}" y="${round(y)}" width="${BAR - 4}" height="${round(height)}" fill="${COLOURS[i]}"/>`);
      parts.push(text(x + BAR / 2 - 2, y - 4, short(value), 9, 'middle'));
      x += BAR;
    });
    parts.push(text((begin + x - 4) / 2, TOP + HEIGHT + 16, name, 12, 'middle'));
    x += GAP;
  }
  series.forEach((name, i) => {
    const y = TOP + HEIGHT + 38 + 18 * i;
    parts.push(`<rect x="${LEFT}" y="${y - 10}" width="12" height="12" fill="${COLOURS[i]}"/>`);
    parts.push(text(LEFT + 18, y, name, 12, 'start'));
  });
  const width = Math.max(x, 480);
  const height = TOP + HEIGHT + 38 + 18 * series.length;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(LEFT, 16, title, 13, 'start'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function text(x, y, content, size, anchor) {
  const escaped = content.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" text-anchor="${anchor}" fill="#24292f">${escaped}</text>`;
}

function round(value) {
  return Math.round(value * 10) / 10;
}

/** 123456 → 123k */
function short(value) {
  return value < 1000
    ? String(Math.round(value))
    : `${round(value / 1000) < 10 ? round(value / 1000) : Math.round(value / 1000)}k`;
}
