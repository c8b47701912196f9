// Links that somebody has asked for with the join link of an organization: they belong to it, and to no invitation. The
// organization of a join link is found by the first characters of its secret; the rest is compared in constant time.

const ofOrganization = (integer: string) =>
  `ALTER TABLE links ADD COLUMN organization_id ${integer} REFERENCES organizations (id) ON DELETE CASCADE`;

const indexes = [
  'CREATE INDEX links_organization_id ON links (organization_id) WHERE organization_id IS NOT NULL',
  `CREATE INDEX organizations_join_links ON organizations (substr(invitation_token, 1, 8))
    WHERE invitation_token IS NOT NULL`,
];

export const sqlite = [ofOrganization('INTEGER'), ...indexes];

export const postgres = [ofOrganization('bigint'), ...indexes];
