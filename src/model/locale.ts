// Locales as `language_REGION` or `language_Script_REGION`, known to the runtime's Intl data.

const names = (type: 'region' | 'script') => new Intl.DisplayNames('en', { type, fallback: 'none' });
const regions = names('region');
const scripts = names('script');

/** Replaces the hyphens of BCP 47 by underscores. */
export function withUnderscores(text: string): string {
  return text.replaceAll('-', '_');
}

/** What is known of texts: an import asks for the same few again and again. */
const known = new Map<string, boolean>();
const maxKnown = 1000;

export function isLocale(text: string): boolean {
  let answer = known.get(text);
  if (answer === undefined) {
    answer = isNamedLocale(text);
    if (known.size < maxKnown) known.set(text, answer);
  }
  return answer;
}

function isNamedLocale(text: string): boolean {
  const match = /^[a-z]{2,3}(?:_([A-Z][a-z]{3}))?_([A-Z]{2}|\d{3})$/.exec(text);
  if (match === null) return false;
  const [, script, region] = match;
  return (
    isNamed(regions, region!, 'ZZ') &&
    (script === undefined || isNamed(scripts, script, 'Zzzz')) &&
    Intl.DateTimeFormat.supportedLocalesOf(text.replaceAll('_', '-')).length === 1
  );
}

function isNamed(known: Intl.DisplayNames, code: string, unknownCode: string): boolean {
  const name = known.of(code);
  return name !== undefined && name !== known.of(unknownCode);
}
