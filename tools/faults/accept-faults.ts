// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults in accepting invitations, and in join links.

import type { Fault } from '../faults.ts';

const accepting = ['test/spec/invitations/accepting.test.ts'];
const races = ['test/spec/invitations/accepting-races.test.ts'];
const joining = ['test/spec/invitations/joining.test.ts'];

export const acceptFaults: readonly Fault[] = [
  {
    name: 'many accept an invitation with one link',
    file: 'src/resources/invitations/accept-offer.ts',
    find: 'offerOf(transaction, await transaction.links.claim(tokenHash, purpose, now), now)',
    replace: 'offerOf(transaction, await transaction.links.find(tokenHash, purpose, now), now)',
    tests: [...accepting, ...joining],
  },
  {
    name: 'whoever is signed in accepts the invitation of somebody else',
    file: 'src/resources/invitations/accept-offer.ts',
    find: 'if (user !== null && mailboxKey(user.email) === mailboxKey(email)) return;',
    replace: 'if (user !== null) return;',
    tests: accepting,
  },
  {
    name: 'a changed address is not noticed while an invitation is accepted',
    file: 'src/resources/invitations/accept-offer.ts',
    find: '      requireInvited(claimed, user);',
    replace: '',
    tests: races,
  },
  {
    name: 'the link of an invitation does not say that its address has an account',
    file: 'src/resources/invitations/show-offer.ts',
    find: '(await accountOf(reads, offer.email)) !== null',
    replace: 'false',
    tests: accepting,
  },
  {
    name: 'the link alone joins as the account of the address',
    file: 'src/resources/invitations/accept-offer.ts',
    find: '  if ((await accountOf(store.read, offer.email)) !== null) throw needsToken();\n',
    replace: '',
    tests: accepting,
  },
  {
    name: 'a token that is bound to an organization joins another one',
    file: 'src/resources/invitations/accept-offer.ts',
    find: '  requireUnbound(actor);\n',
    replace: '',
    tests: accepting,
  },
  {
    name: 'an inviter who is no administrator any more hears of the acceptance',
    file: 'src/resources/invitations/join-by-offer.ts',
    find: '  if (!(await maySeeMembers(transaction, inviter, organization.id, now))) return;\n',
    replace: '',
    tests: accepting,
  },
  {
    name: 'a join link is valid by its beginning alone',
    file: 'src/resources/invitations/join-link.ts',
    find: 'found.filter(({ invitationToken }) => timingSafeEqual(digest(invitationToken), digest(token)))',
    replace: 'found',
    tests: joining,
  },
  {
    name: 'the links that a revoked join link has mailed stay valid',
    file: 'src/resources/organizations/organization-rules.ts',
    find: 'before.invitation_token !== after.invitation_token',
    replace: 'after.invitation_token === undefined',
    tests: joining,
  },
  {
    name: 'above the limit, a join link makes fewer calls to the database',
    file: 'src/resources/invitations/join-link.ts',
    find: "else await queueDecoy(services, transaction, 'invitation');",
    replace: '',
    tests: races,
  },
  {
    name: 'who was invited with another role becomes a plain member by a join link',
    file: 'src/resources/invitations/offer.ts',
    find: '? await invitationTo(reads, organizationId, email!, now)',
    replace: '? null',
    tests: joining,
  },
  {
    name: 'owners read in the trail which addresses have an account',
    file: 'src/resources/invitations/join-link.ts',
    find: 'subjectId: null,',
    replace: 'subjectId: account?.id ?? null,',
    tests: joining,
  },
  {
    name: 'an owner who was removed comes back as an owner with another address',
    file: 'src/resources/invitations/offer.ts',
    find: 'if (invitation !== null && !(await isRoleGiven(reads, invitation, now)))',
    replace: 'if (invitation !== null && now === 0)',
    tests: accepting,
  },
  {
    name: 'a join link gives the role of an invitation whose link has expired',
    file: 'src/resources/invitations/offer.ts',
    find: 'invitation.token_expires_at > now && ',
    replace: '',
    tests: joining,
  },
];
