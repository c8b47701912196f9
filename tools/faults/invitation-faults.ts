// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults in invitations: who invites whom, what becomes of links and people, and how invitations end.

import type { Fault } from '../faults.ts';

const folder = 'test/spec/invitations';
const inviting = [`${folder}/inviting.test.ts`];
const ending = [`${folder}/ending.test.ts`];
const invitedPeople = [`${folder}/invited-people.test.ts`];
const sources = 'src/resources/invitations';
const rules = `${sources}/invitation-rules.ts`;
const delivery = `${sources}/deliver-invitation.ts`;
const migration = 'src/store/migrations/0021-invitations.ts';

export const invitationFaults: readonly Fault[] = [
  {
    name: 'an admin invites an owner',
    file: rules,
    find: "own === 'owner' ? []",
    replace: 'own !== null ? []',
    tests: inviting,
  },
  {
    name: 'a current member is invited',
    file: rules,
    find: 'return isMember || (await',
    replace: 'return (await',
    tests: inviting,
  },
  {
    name: 'an address is invited twice if it is written in another form',
    file: rules,
    find: 'values: mailboxKeys(email)',
    replace: 'values: [email]',
    tests: inviting,
  },
  {
    name: 'an admin takes back the invitation of an admin',
    file: rules,
    find: "(role === 'member' ? administrator : 0)",
    replace: 'administrator',
    tests: ending,
  },
  {
    name: 'the right to invite is not asked again in the transaction',
    file: `${sources}/invite.ts`,
    find: 'before: (transaction) => requireMayInvite(services, call, transaction)',
    replace: 'before: async () => {}',
    tests: [`${folder}/lost-rights.test.ts`],
  },
  {
    name: 'mails of invitations are not counted',
    file: `${sources}/invite.ts`,
    find: 'accepted: () =>\n          requireMail(services, {\n            to: attributes.email as string,\n            network: networkOf(call.clientAddress()),\n          }),',
    replace: 'accepted: async () => void [requireMail, networkOf, attributes],',
    tests: inviting,
  },
  {
    name: 'the mail goes to the address that was typed',
    file: delivery,
    find: 'address: account?.email ?? email',
    replace: 'address: email',
    tests: inviting,
  },
  {
    name: 'the mail has the language of the inviter, also for an account',
    file: delivery,
    find: '(account ?? inviter ?? organization).locale',
    replace: '(inviter ?? account ?? organization).locale',
    tests: inviting,
  },
  {
    name: 'a link outlives the membership that it would give',
    file: delivery,
    find: 'end === null ? last : Math.min(last, end)',
    replace: 'end === null ? last : Math.max(last, end)',
    tests: inviting,
  },
  {
    name: 'the older link stays valid when an invitation is sent again',
    file: `${sources}/resend.ts`,
    find: "    await transaction.links.end({ invitationId: id }, ['invitation'], now);\n",
    replace: '',
    tests: ending,
  },
  {
    name: 'the link of an invitation that is gone stays valid',
    file: migration,
    find: 'UPDATE links SET used_at = ${now} WHERE invitation_id = old.id AND used_at IS NULL',
    replace: 'UPDATE links SET used_at = ${now} WHERE invitation_id = -old.id AND used_at IS NULL',
    tests: ending,
  },
  {
    name: 'the person stays when the invitation is taken back',
    file: 'src/store/accounts/invitations.ts',
    find: 'if (personIds.length > 0)',
    replace: 'if (personIds.length > 1_000_000)',
    tests: ending,
  },
  {
    name: 'a person who was a member goes with the invitation to come back',
    file: 'src/store/accounts/invitations.ts',
    find: '.where(sql<boolean>`not is_user`)',
    replace: '',
    tests: ending,
  },
  {
    name: 'an invitation stays when its person became a member in another way',
    file: 'src/resources/memberships/follow-membership.ts',
    find: '  if (before === null)\n    await endInvitations(',
    replace: '  if (before === after)\n    await endInvitations(',
    tests: ending,
  },
  {
    name: 'the invitations of an organization are not in the trail when it is deleted',
    file: `${sources}/end-invitations.ts`,
    find: "    recordChange(transaction, author, invitations, { verb: 'delete', before, after: null });",
    replace: '    void [recordChange, author, before];',
    tests: ending,
  },
  {
    name: 'whoever left gets a second person when invited again',
    file: `${sources}/invited-person.ts`,
    find: '  if (left) {',
    replace: '  if (left && now === 0) {',
    tests: invitedPeople,
  },
  {
    name: 'a person keeps the name of the inviter when its account joins',
    file: migration,
    find: "  'first_name',\n  'first_name_key',\n  'last_name',",
    replace: "  'last_name',",
    tests: invitedPeople,
  },
  {
    name: 'an account takes over the person who waits in another organization',
    file: migration,
    find: '${takenOver} AND people.organization_id = new.organization_id AND',
    replace: '${takenOver} AND',
    tests: invitedPeople,
    engine: 'sqlite',
  },
  {
    name: 'members who see each other also see people who are invited',
    file: 'src/resources/people/people-access.ts',
    find: "equals('is_user', true), ",
    replace: '',
    tests: inviting,
  },
  {
    name: 'accepting changes the role of a current member',
    file: `${sources}/accept-invitation.ts`,
    find: 'else if ((await transaction.memberships.role(organizationId, userId, now)) === null)',
    replace: 'else',
    tests: invitedPeople,
  },
];
