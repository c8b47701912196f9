// What people chose themselves, such as names, as mails show it: on one line, short, visible, and without anything that
// a mail program turns into a link. Otherwise everyone could have advertisements sent to strangers, as the name of an
// organization that invites them (decision 37).

import { isBlank, normalized } from '../../model/text.ts';

const maxShown = 60;

/** Longer than any stored name: normalizing a long run of combining marks takes quadratic time. */
const maxRead = 1024;

const controls = /[\p{Cc}\p{White_Space}\u2028\u2029]+/gu;
/** What has no glyph, marks of direction too; but not the joiners and variants that emoji and some scripts need. */
const invisible =
  /(?!\u200C|\u200D|\uFE0E|\uFE0F)[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Co}\p{Cn}\p{Cs}\u2800]/gu;

/**
 * Numbers such as 1.2 and 27.11.2026, but no network addresses; else full stops of host names (UTS #46) and what looks
 * like them, if something follows at once: `evil.example`.
 */
const numberOrDot =
  /(?<![\p{L}\p{N}.])\d+(?:\.\d+){1,2}(?![.\p{L}\p{N}])|[.\u3002\uFF0E\uFF61\u2024\uFE52](?=\S)/gu;
/** `https://`, `mailto:`, and the slash that begins a path. */
const colonOrSlash = /([:\uFF1A\uFE55/\\\uFF0F])(?=\S)/gu;
/** Begins an encoded word, which may contain anything (RFC 2047). */
const encoded = /=(?=\?)/g;
const at = /\s*([@\uFF20\uFE6B])\s*/gu;

const rightToLeft = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/** @returns '' if nothing visible is left */
export function shownText(text: string | null): string {
  const read = normalized((text ?? '').slice(0, maxRead).toWellFormed(), maxRead) ?? '';
  const visible = read.replaceAll(invisible, '').replaceAll(controls, ' ');
  const unlinked = visible
    .replaceAll(numberOrDot, (found) => (found.length > 1 ? found : `${found} `))
    .replaceAll(colonOrSlash, '$1 ')
    .replaceAll(at, ' $1 ')
    .replaceAll(encoded, '= ');
  const short = shortened(unlinked.trim());
  if (isBlank(short)) return '';
  // Else a name from right to left could move what stands beside it (UAX #9).
  return rightToLeft.test(short) ? `\u2068${short}\u2069` : short;
}

function shortened(text: string): string {
  if (text.length <= maxShown) return text;
  const characters = [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)];
  // A character may have many marks, so the number of code units is limited too.
  if (characters.length <= maxShown && text.length <= 4 * maxShown) return text;
  let short = '';
  for (const { segment } of characters.slice(0, maxShown - 1)) {
    if (short.length + segment.length > 4 * maxShown) break;
    short += segment;
  }
  return `${short.trimEnd()}…`;
}
