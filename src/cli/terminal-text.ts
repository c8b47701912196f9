// Makes texts of accounts safe to print: they cannot control the terminal, and columns are aligned in every script.

/** Control characters (C0 and C1), line separators, and characters that change the writing direction (CVE-2021-42574). */
const unsafe = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}/gu;
const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with control characters as escapes, such as `\x1b`. */
export function visible(text: string): string {
  return text.replace(unsafe, (character) => shortEscapes[character] ?? escaped(character));
}

/** The same for a JSON text, with JSON escapes. It parses to the same value. */
export function visibleJson(json: string): string {
  return json.replace(unsafe, (character) => `\\u${hex(character).padStart(4, '0')}`);
}

function escaped(character: string): string {
  const code = hex(character);
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u{${code}}`;
}

function hex(character: string): string {
  return character.codePointAt(0)!.toString(16);
}

const graphemes = new Intl.Segmenter('en');
/** Characters of two columns: East Asian Width "wide" and "fullwidth" (unicode.org/reports/tr11), and emoji. */
const wide =
  /^[\u1100-\u115f\u231a\u231b\u2329\u232a\u2e80-\u303e\u3041-\u3247\u3250-\u4dbf\u4e00-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}|\ufe0f/u;
const withoutWidth = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** The width of the text in columns of a terminal. */
export function columnsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text))
    columns += withoutWidth.test(segment) ? 0 : wide.test(segment) ? 2 : 1;
  return columns;
}

/** The text, padded with spaces to a number of columns. */
export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}
