/**
 * The text with A to Z in lower case, and everything else as it is. For names that protocols compare without regard to ASCII case;
 * `toLowerCase` makes `k` of the Kelvin sign (U+212A), and so one name of two. What is no text, as a program in JavaScript may give it, is taken as
 * the text that it is shown by: nothing has such a name.
 */
export function asciiLowerCase(text: string): string {
  return String(text).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
