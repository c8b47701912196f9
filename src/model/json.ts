// The only reader for JSON in input: HTTP bodies, lines and cells of files, options of the command line. It preserves
// the exact text of numbers, so that JSON of clients (such as `preferences`) is returned unchanged.

export const maxDepth = 64;

/**
 * Others wait while a document is read. To preserve the text of a number takes ten times as long as to parse it. 64 KiB hold
 * 32,000 values.
 */
const maxValues = 40_000;

/** Members with different names take the parser longest. All attributes of an account together have fewer than 20,000. */
const maxMembers = 25_000;

/** The text is not valid JSON, or exceeds a limit. The message is to be appended to the name of the input. */
export class JsonError extends Error {}

/**
 * @param enclosing number of levels around the value in its document; the limit of the depth includes them
 * @throws JsonError
 */
export function readJson(text: string, enclosing = 0): unknown {
  const { depth, values, members, kept } = outlineOf(text);
  if (depth > maxDepth - enclosing) throw new JsonError(`is nested deeper than ${maxDepth - enclosing}`);
  if (members > maxMembers) throw new JsonError(`contains more than ${maxMembers} members of objects`);
  if (kept.length > 0 && values > maxValues)
    throw new JsonError(
      `contains more than ${maxValues} values, and a number that must be stored exactly as it is written`,
    );
  try {
    return kept.length > 0 ? readKeeping(text, kept) : JSON.parse(text);
  } catch (cause) {
    if (cause instanceof JsonError) throw cause;
    throw new JsonError('is not JSON', { cause });
  }
}

/** The value of a number if a double can hold it exactly, in any notation: 2, 2.0, 2e0. */
export function exactNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (!JSON.isRawJSON(value)) return undefined;
  // A double preserves up to 15 significant digits (RFC 8259 section 6).
  const text = (value as { rawJSON: string }).rawJSON;
  return /^[-+.e\d]{1,15}$/i.test(text) ? Number(text) : undefined;
}

/**
 * Parses a document with the numbers between these positions as texts, and then puts the numbers in the place of the
 * texts. The parser's own way to see the text of a number, a reviver, is called for every value, which takes three times as long.
 */
function readKeeping(text: string, kept: readonly Span[]): unknown {
  // A text of the document cannot begin like this by chance, and nobody can foresee it.
  const mark = crypto.randomUUID();
  let marked = '';
  let from = 0;
  for (const { start, end } of kept) {
    marked += `${text.slice(from, start)}"${mark}${text.slice(start, end)}"`;
    from = end;
  }
  return withNumbers(JSON.parse(marked + text.slice(from)), mark);
}

function withNumbers(value: unknown, mark: string): unknown {
  if (typeof value === 'string') return value.startsWith(mark) ? keptNumber(value.slice(mark.length)) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = withNumbers(value[i], mark);
    return value;
  }
  const members = value as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    const before = members[name];
    const after = withNumbers(before, mark);
    if (after === before) continue;
    // An assignment to `__proto__` would not change the member.
    if (name === '__proto__') Object.defineProperty(members, name, { value: after });
    else members[name] = after;
  }
  return members;
}

function keptNumber(text: string): unknown {
  if (!Number.isFinite(Number(text))) throw new JsonError('contains a number that is too large');
  return JSON.rawJSON(text);
}

interface Outline {
  /** Nesting depth of arrays and objects. */
  readonly depth: number;
  /** Upper bound for the number of values: arrays, objects and commas. */
  readonly values: number;
  /** The number of members of all objects: colons. */
  readonly members: number;
  /** The numbers that `JSON.stringify` would write differently: 12345678901234567890, 1.0, 1E5, -0. */
  readonly kept: readonly Span[];
}

interface Span {
  readonly start: number;
  /** The position after the last character. */
  readonly end: number;
}

const plainNumber = /^(?:0|-?[1-9]\d{0,14})$/;
/** RFC 8259 section 6. */
const anyNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/** Scans the text without parsing it. */
function outlineOf(text: string): Outline {
  let depth = 0;
  let open = 0;
  let values = 1;
  let members = 0;
  const kept: Span[] = [];
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
    else if (unit === 0x3a) members++;
    else if (unit === 0x2d || isDigit(unit)) {
      const start = i;
      while (isOfNumber(text.charCodeAt(i + 1))) i++;
      if (mustBeKept(text.slice(start, i + 1)) && !isName(text, i + 1)) kept.push({ start, end: i + 1 });
    }
  }
  return { depth, values, members, kept };
}

/** What is no number of JSON is left to the parser, which refuses it. */
function mustBeKept(number: string): boolean {
  return !plainNumber.test(number) && anyNumber.test(number) && String(Number(number)) !== number;
}

/** Whether a colon follows. A number is no name of a member, but a text would be one. */
function isName(text: string, end: number): boolean {
  let i = end;
  while (isSpace(text.charCodeAt(i))) i++;
  return text.charCodeAt(i) === 0x3a;
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** Digits, and `.`, `e`, `E`, `+`, `-`. */
function isOfNumber(unit: number): boolean {
  return isDigit(unit) || unit === 0x2e || (unit | 0x20) === 0x65 || unit === 0x2b || unit === 0x2d;
}

/** The first member name that the outermost object has twice. The JSON parser would silently use the last one. */
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
