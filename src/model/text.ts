// Rules for text from people: what can be stored, what is visible, and how it is compared without regard to case.

/**
 * Folds text for comparison without regard to case: NFC, then lower case by Unicode's own table. It runs here, so it
 * is the same on every engine.
 */
export function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

export function codePoints(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xdc00 || unit > 0xdfff) count++;
  }
  return count;
}

/**
 * Maximum number of code points in the decomposition of a character. So NFC is at least a quarter as long as the text
 * (UAX #15).
 */
const maxParts = 4;

/**
 * The text in NFC; undefined if the result would certainly be longer than `maxLength` code points. The length is
 * checked first, because normalizing a long run of combining marks takes quadratic time.
 */
export function normalized(text: string, maxLength: number): string | undefined {
  return text.length > 2 * maxParts * maxLength || codePoints(text) > maxParts * maxLength
    ? undefined
    : text.normalize('NFC');
}

/** PostgreSQL refuses NUL in text, and UTF-8 cannot encode a lone surrogate. Both are refused in all input. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** White space, characters without a glyph, and visible-looking ones that are blank: braille blank, null notehead. */
const invisible = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\u2800\uFFF9-\uFFFB\u{1D159}]*$/u;

export function isBlank(text: string): boolean {
  return invisible.test(text);
}

/** Control characters, and line and paragraph separators. */
export function hasControls(text: string): boolean {
  return /[\p{Cc}\u2028\u2029]/u.test(text);
}

/** For the text of an element, and for an attribute in quotes. */
export function escapedHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
