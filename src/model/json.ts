// The one way to read JSON that comes from outside: HTTP bodies, lines and cells of files, values on the command line.
// A number keeps its text, so that JSON of the client's own comes back unchanged.

export const maxDepth = 64;

/** To keep the text of numbers costs a call for every value: far more than any attribute holds. */
const maxValues = 100_000;

/** The text is not JSON that Muster takes; the message follows the name of what was read. */
export class JsonError extends Error {}

/**
 * @param enclosing how many levels are to stand around the value: in a document, `preferences` stands on the fourth
 * @throws JsonError
 */
export function readJson(text: string, enclosing = 0): unknown {
  const { depth, values, keepsNumbers } = outlineOf(text);
  if (depth > maxDepth - enclosing) throw new JsonError(`is nested deeper than ${maxDepth - enclosing}`);
  if (keepsNumbers && values > maxValues)
    throw new JsonError(
      `holds more than ${maxValues} values, with numbers that are kept as they are written`,
    );
  try {
    return keepsNumbers ? JSON.parse(text, keepNumber) : JSON.parse(text);
  } catch (cause) {
    if (cause instanceof JsonError) throw cause;
    throw new JsonError('is not JSON', { cause });
  }
}

/** The value of a number that a double holds as it is written, whichever way that is: 2, 2.0, 2e0. */
export function exactNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (!JSON.isRawJSON(value)) return undefined;
  // Up to 15 digits survive a double (RFC 8259 section 6).
  const text = (value as { rawJSON: string }).rawJSON;
  return /^[-+.e\d]{1,15}$/i.test(text) ? Number(text) : undefined;
}

/** What `JSON.stringify` would write in another way stays as it was written: 12345678901234567890, 1.0, 1E5, -0. */
function keepNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number') return value;
  if (!Number.isFinite(value)) throw new JsonError('holds a number that is too large');
  const source = context?.source;
  return source === undefined || String(value) === source ? value : JSON.rawJSON(source);
}

interface Outline {
  /** How deep arrays and objects nest. */
  readonly depth: number;
  /** Arrays, objects and what commas separate. */
  readonly values: number;
  /** Whether `JSON.stringify` would write a number in another way. */
  readonly keepsNumbers: boolean;
}

const plainNumber = /^(?:0|-?[1-9]\d{0,14})$/;

/** What can be told without parsing. */
function outlineOf(text: string): Outline {
  let depth = 0;
  let open = 0;
  let values = 1;
  let keepsNumbers = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) {
      for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) {
        if (text.charCodeAt(i) === 0x5c) i++;
      }
    } else if (unit === 0x5b || unit === 0x7b) {
      values++;
      if (++open > depth) depth = open;
    } else if (unit === 0x5d || unit === 0x7d) open--;
    else if (unit === 0x2c) values++;
    else if (unit === 0x2d || isDigit(unit)) {
      const start = i;
      while (isOfNumber(text.charCodeAt(i + 1))) i++;
      keepsNumbers ||= i - start > 15 || !plainNumber.test(text.slice(start, i + 1));
    }
  }
  return { depth, values, keepsNumbers };
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** Digits, and `.`, `e`, `E`, `+`, `-`. */
function isOfNumber(unit: number): boolean {
  return isDigit(unit) || unit === 0x2e || (unit | 0x20) === 0x65 || unit === 0x2b || unit === 0x2d;
}

/**
 * A member that the outermost object has twice: of these, reading keeps the last.
 * @param text JSON of an object
 */
export function repeatedMember(text: string): string | undefined {
  const names = new Set<string>();
  for (const name of memberNames(text)) {
    if (names.has(name)) return name;
    names.add(name);
  }
  return undefined;
}

function* memberNames(text: string): Generator<string> {
  let open = 0;
  let isName = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') {
      const start = i;
      for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++;
      if (isName) yield JSON.parse(text.slice(start, i + 1));
      isName = false;
    } else if (char === '{' || char === '[') isName = ++open === 1;
    else if (char === '}' || char === ']') open--;
    else if (char === ',') isName = open === 1;
  }
}
