/**
 * The text with A to Z in lower case, and everything else as it is. For names that protocols compare without regard to ASCII case;
 * `toLowerCase` makes `k` of the Kelvin sign (U+212A), and so one name of two.
 */
export function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
