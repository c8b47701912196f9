// Every text in the database names the record and the attribute that it belongs to, so that each answer can be searched
// for what its reader may not know.

import { type Asker, isAmong, type Subject } from './expectation.ts';
import { expectations } from './expectations.ts';

/** What all markers begin with. */
export const markerStart = 'x7-';

export function marker(type: string, name: string, attribute: string): string {
  return `${markerStart}${type}-${name}-${attribute.replaceAll('_', '')}`;
}

/**
 * Not behind a number: a slug shows the name of an organization to everyone who sees the user. An ETag may contain what
 * looks like a marker, but not the name of a type.
 */
const markers = /(?<!\d-)x7-([a-z_]+)-([a-z]+)-([a-z]+)/gi;

/** @param sent the request: what it contains may be repeated in the answer */
export function leaksIn(received: string, sent: string, asker: Asker | null): string[] {
  const leaks = new Set<string>();
  for (const [found, type, name, attribute] of received.matchAll(markers))
    if (isType(type!) && !sent.includes(found) && !mayKnow(asker, type!, name!, attribute!)) leaks.add(found);
  return [...leaks];
}

function isType(text: string): boolean {
  return expectations.has(text.toLowerCase());
}

function mayKnow(asker: Asker | null, type: string, name: string, attribute: string): boolean {
  if (asker === null) return false;
  return [...expectations.values()].some((expectation) => {
    const { subjects, attributes, mirrors } = expectation;
    const shown = [...attributes].find(([one]) => one.replaceAll('_', '') === attribute);
    const isShownBy = (subject: Subject) =>
      expectation.type === type
        ? subject.name === name
        : mirrors?.type === type && mirrors.of(subject) === name;
    return (
      shown !== undefined &&
      subjects.some(
        (subject) =>
          isShownBy(subject) &&
          expectation.sees(asker, subject) &&
          isAmong(shown[1].reads, expectation.is(asker, subject)),
      )
    );
  });
}
