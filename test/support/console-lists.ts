// The lists that a console asks for, and for each the list of users that asks the same.

/** The caller: a sysadmin, or an owner of the large organization. */
type As = 'sysadmin' | 'owner';

export interface ConsoleList {
  readonly path: string;
  readonly as: As;
  /** With X-Organization-Id of the large organization. */
  readonly within?: true;
}

const sysadmin = (path: string): ConsoleList => ({ path: `/api/v2/${path}`, as: 'sysadmin' });
const owner = (path: string): ConsoleList => ({ path: `/api/v2/${path}`, as: 'owner' });
const within = (path: string): ConsoleList => ({ path: `/api/v2/${path}`, as: 'owner', within: true });

/** Lists of users. What the other lists cost is compared with them. */
export const listsOfUsers = {
  'all users': sysadmin('users'),
  'all users, a late page': sysadmin('users?page[number]=600'),
  'users by name': sysadmin('users?sort=last_name,first_name'),
  'users that were changed last': sysadmin('users?sort=-updated_at'),
  'users whose name or address contains a text': sysadmin('users?filter[query]=person77'),
  'users with an address': sysadmin('users?filter[email]=person77@example.com'),
  'users whose access ends soon': sysadmin(
    'users?filter[account_access_expires_at][lt]=2030-01-01&sort=account_access_expires_at',
  ),
  sysadmins: sysadmin('users?filter[sysadmin]=true'),
  'users by their default organization': sysadmin('users?filter[default_organization_id]=1'),
  'users of an organization': within('users'),
  'users of an organization by name': within('users?sort=last_name'),
  'users of an organization, by cursor': within('users?page[after]=&page[size]=100'),
  'users of an organization whose name or address contains a text': within('users?filter[query]=person77'),
} as const;

type LikeUsers = keyof typeof listsOfUsers;

/** The list itself, and the list of users that asks the same. */
export const otherLists: Readonly<Record<string, readonly [ConsoleList, LikeUsers]>> = {
  'all organizations': [sysadmin('organizations'), 'all users'],
  'organizations by name': [sysadmin('organizations?sort=name'), 'users by name'],
  'organizations that were changed last': [
    sysadmin('organizations?sort=-updated_at'),
    'users that were changed last',
  ],
  'organizations whose name contains a text': [
    sysadmin('organizations?filter[query]=zation%2077'),
    'users whose name or address contains a text',
  ],
  'an organization by its name': [
    sysadmin('organizations?filter[name]=Organization%2077'),
    'users with an address',
  ],
  'an organization by its subdomain': [
    sysadmin('organizations?filter[subdomain]=acme'),
    'users with an address',
  ],
  'the own memberships, at a sign-in': [
    owner('organization_memberships?include=person,organization'),
    'users with an address',
  ],
  'members of an organization with their people and accounts': [
    owner('organizations/1/organization_memberships?include=person,user'),
    'users of an organization',
  ],
  'owners of an organization': [
    owner('organizations/1/organization_memberships?filter[role]=owner&include=person'),
    'users of an organization',
  ],
  'members who joined last': [
    owner('organizations/1/organization_memberships?sort=-created_at'),
    'users of an organization',
  ],
  'members whose membership ends soon': [
    owner('organizations/1/organization_memberships?filter[expires_at][lt]=2030-01-01&sort=expires_at'),
    'users of an organization',
  ],
  'memberships of a user': [
    sysadmin('users/78/organization_memberships?include=organization'),
    'users with an address',
  ],
  'invitations to an organization, with their people and inviters': [
    owner('organizations/1/invitations?include=person,inviter'),
    'users of an organization',
  ],
  'invitations by name': [
    owner('organizations/1/invitations?sort=last_name'),
    'users of an organization by name',
  ],
  'invitations whose link ends first': [
    owner('organizations/1/invitations?sort=token_expires_at'),
    'users of an organization by name',
  ],
  'invitations of an administrator': [
    owner('organizations/1/invitations?filter[inviter_id]=7'),
    'users of an organization',
  ],
  'the invitation of an address': [
    owner('organizations/1/invitations?filter[email]=invited77@example.com'),
    'users with an address',
  ],
  'invitations whose name or address contains a text': [
    owner('organizations/1/invitations?filter[query]=invited77'),
    'users of an organization whose name or address contains a text',
  ],
  'all people': [sysadmin('people'), 'all users'],
  'all people, a late page': [sysadmin('people?page[number]=900'), 'all users, a late page'],
  'people by name': [sysadmin('people?sort=last_name,first_name'), 'users by name'],
  'people whose name or address contains a text': [
    sysadmin('people?filter[query]=person77'),
    'users whose name or address contains a text',
  ],
  'owners in all organizations': [sysadmin('people?filter[role]=owner'), 'sysadmins'],
  'people of all organizations who have not accepted an invitation': [
    sysadmin('people?filter[is_user]=false'),
    'sysadmins',
  ],
  'people with an address': [sysadmin('people?filter[email]=person77@example.com'), 'users with an address'],
  'people of an organization': [within('people'), 'users of an organization'],
  'people of an organization by first name': [
    within('people?sort=first_name'),
    'users of an organization by name',
  ],
  'people of an organization by last name': [
    within('people?sort=last_name'),
    'users of an organization by name',
  ],
  'people of an organization by address': [within('people?sort=email'), 'users of an organization by name'],
  'people of an organization, the newest accounts first': [
    within('people?sort=-created_at'),
    'users of an organization by name',
  ],
  'people of an organization by their last activity': [
    within('people?sort=-last_activity_at'),
    'users of an organization by name',
  ],
  'people of an organization, by cursor': [
    within('people?page[after]=&page[size]=100&sort=last_name'),
    'users of an organization, by cursor',
  ],
  'people of an organization whose name or address contains a text': [
    within('people?filter[query]=person77'),
    'users of an organization whose name or address contains a text',
  ],
  'people who left an organization': [
    within('people?filter[deactivated_at][gt]=2000-01-01&sort=last_name'),
    'users of an organization by name',
  ],
  'people who have not accepted an invitation': [
    within('people?filter[is_user]=false'),
    'users of an organization',
  ],
  'admins of an organization by name': [
    within('people?filter[role]=admin&sort=last_name'),
    'users of an organization by name',
  ],
};
