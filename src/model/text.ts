// Text that people write: what of it can be stored and seen, and how it is compared without regard to case.

/** Without regard to case, the same on every engine: NFC and lower case by Unicode's own table. */
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

/** No character has more parts than this in any form, so NFC is never shorter than a part of the text (UAX #15). */
const maxParts = 4;

/**
 * The text in NFC; undefined where that is surely longer than so many code points. Measured before, as a long run of
 * combining marks takes quadratic time to bring into order.
 */
export function normalized(text: string, maxLength: number): string | undefined {
  return text.length > 2 * maxParts * maxLength || codePoints(text) > maxParts * maxLength
    ? undefined
    : text.normalize('NFC');
}

/** PostgreSQL refuses NUL in text and no UTF-8 carries a lone surrogate: neither is taken from anyone. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** White space, what Unicode has no glyph for, and the signs that look like nothing: braille blank, null notehead. */
const invisible = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\u2800\uFFF9-\uFFFB\u{1D159}]*$/u;

export function isBlank(text: string): boolean {
  return invisible.test(text);
}

/** Control characters, and the separators of lines and paragraphs. */
export function hasControls(text: string): boolean {
  return /[\p{Cc}\u2028\u2029]/u.test(text);
}
