// What a caller is to a record, such as its owner. Each resource declares its audiences; its access file decides who is in
// them.

/** Audiences as bits in the order of the declaration, so that a set of them is one number: the key of a rendering. */
export type AudienceSet = number;

export interface HasAudiences {
  /** What a caller can be to a record, each with the words of the reference. */
  readonly audiences: Readonly<Record<string, string>>;
}

export type AudienceOf<R extends HasAudiences> = keyof R['audiences'] & string;

/** Bits of a number that JavaScript shifts without a sign. */
export const maxAudiences = 30;

/** @throws Error where the resource declares no such audience */
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
