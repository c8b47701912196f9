// Audiences: the roles that a caller can have for a record, for example its owner. Each resource declares its
// audiences; its access file decides who belongs to them.

/** A set of audiences as bits, in the order of their declaration. As a number it can be part of a cache key. */
export type AudienceSet = number;

export interface HasAudiences {
  /** The audiences by name, each with its description for the reference pages. */
  readonly audiences: Readonly<Record<string, string>>;
}

export type AudienceOf<R extends HasAudiences> = keyof R['audiences'] & string;

/** JavaScript's bit operators use signed 32-bit numbers. */
export const maxAudiences = 30;

/** @throws Error if the resource does not declare one of the audiences */
export function audienceSet<R extends HasAudiences>(
  { audiences }: R,
  ...members: readonly AudienceOf<R>[]
): AudienceSet {
  const names = Object.keys(audiences);
  return members.reduce((set, member) => {
    const index = names.indexOf(member);
    if (index === -1) throw new Error(`there is no audience ${member}`);
    return set | (1 << index);
  }, 0);
}

export function everyAudience({ audiences }: HasAudiences): AudienceSet {
  return 2 ** Object.keys(audiences).length - 1;
}
