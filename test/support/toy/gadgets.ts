// Gadgets: a toy resource that the product does not have. Gadgets belong to accounts. The resource has an attribute
// of every kind, and `docs/adding-a-resource.md` shows its code.

import { createHash } from 'node:crypto';
import * as kind from '../../../src/model/kinds.ts';
import { defineResource } from '../../../src/model/resource.ts';

// #region start
export const gadgets = defineResource({
  type: 'gadgets',
  singular: 'gadget',
  audiences: { owner: 'the owner of the gadget', keeper: 'sysadmins with `manage_organizations`' },
  audiencesBy: ['owner_id'],
  search: ['name', 'nickname', 'contact'],
  attributes: {
    updated_at: {
      kind: kind.timestamp,
      read: 'everyone',
      filter: true,
      sort: true,
      description: 'Time of the last change of an attribute.',
    },
    name: {
      kind: kind.personName,
      required: true,
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      filter: true,
      sort: true,
      description: 'What the gadget is called.',
    },
    nickname: {
      kind: kind.personName,
      nullable: true,
      read: 'everyone',
      update: ['owner'],
      filter: true,
      sort: true,
      description: 'What its owner calls it.',
    },
    // Not in `search`, so `contains` scans every row.
    label: {
      kind: kind.organizationName,
      nullable: true,
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      filter: true,
      description: 'What stands on its back.',
    },
    // #region identities
    contact: {
      kind: kind.email,
      required: true,
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      filter: true,
      sort: true,
      description: 'The address of the gadget, which no other has.',
    },
    recovery: {
      kind: kind.email,
      nullable: true,
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      filter: true,
      sort: true,
      description: 'A second address, which no other gadget has as its second one.',
    },
    // #endregion
    // These names are words of SQL.
    // #region numbers
    order: {
      kind: kind.integer,
      default: 0,
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      filter: true,
      sort: true,
      description: 'Its place on the shelf.',
    },
    // #endregion
    group: {
      kind: kind.integer,
      nullable: true,
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      filter: true,
      sort: true,
      description: 'The shelf.',
    },
    user: {
      kind: kind.text,
      nullable: true,
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      filter: true,
      sort: true,
      description: 'Who uses it, in words.',
    },
    model: {
      kind: kind.text,
      default: 'basic',
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      filter: true,
      sort: true,
      description: 'The model.',
    },
    // #region joined
    owner_id: {
      kind: kind.identifier,
      nullable: true,
      read: 'everyone',
      create: ['keeper'],
      update: ['keeper'],
      filter: true,
      description: 'The account that owns it.',
    },
    owner_email: {
      kind: kind.email,
      nullable: true,
      joined: { table: 'users', column: 'email', by: 'owner_id' },
      read: ['owner', 'keeper'],
      description: 'The address of its owner.',
    },
    // #endregion
    part_of_id: {
      kind: kind.identifier,
      nullable: true,
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      filter: true,
      sort: true,
      description: 'The gadget that it is a part of.',
    },
    part_of_name: {
      kind: kind.personName,
      nullable: true,
      joined: { table: 'gadgets', column: 'name', by: 'part_of_id' },
      read: 'everyone',
      description: 'The name of the gadget that it is a part of.',
    },
    part_of_model: {
      kind: kind.text,
      nullable: true,
      joined: { table: 'gadgets', column: 'model', by: 'part_of_id' },
      read: 'everyone',
      description: 'The model of the gadget that it is a part of.',
    },
    // #region derived
    checksum: {
      kind: kind.text,
      derived: ({ id, name }) => createHash('sha256').update(`${id} ${name}`).digest('hex').slice(0, 8),
      read: 'everyone',
      description: 'The first digits of the SHA-256 of its id and name.',
    },
    // #endregion
    // #region flags
    enabled: {
      kind: kind.boolean,
      default: false,
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      filter: true,
      sort: true,
      description: 'Whether it is switched on.',
    },
    approved: {
      kind: kind.boolean,
      nullable: true,
      read: 'everyone',
      create: ['keeper'],
      update: ['keeper'],
      filter: true,
      sort: true,
      description: 'Whether it was found good; null where nobody has looked.',
    },
    released_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      filter: true,
      sort: true,
      description: 'When it came out.',
    },
    // #endregion
    homepage: {
      kind: kind.url,
      nullable: true,
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      filter: true,
      description: 'Where more is told of it.',
    },
    time_zone: {
      kind: kind.timeZone,
      nullable: true,
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      filter: true,
      sort: true,
      description: 'The zone that its clock is in.',
    },
    locale: {
      kind: kind.locale,
      default: 'en_US',
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      filter: true,
      sort: true,
      description: 'The language that it speaks.',
    },
    // #region secret
    pairing_code: {
      kind: kind.secret,
      nullable: true,
      read: ['owner'],
      update: ['owner'],
      description: 'What pairs it with another.',
    },
    // #endregion
    switches: {
      kind: kind.flags,
      default: '{}',
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      description: 'How its switches are set.',
    },
    settings: {
      kind: kind.anyJson,
      nullable: true,
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      description: 'Whatever it keeps.',
    },
    colors: {
      kind: kind.subsetOf(['red', 'green', 'blue']),
      default: '[]',
      read: 'everyone',
      create: ['keeper'],
      update: ['owner', 'keeper'],
      description: 'The colors that it comes in.',
    },
  },
  // #region relationships
  relationships: {
    owner: { to: 'users', description: 'The account that owns it.' },
    part_of: { to: 'gadgets', description: 'The gadget that it is a part of.' },
  },
  // #endregion
});
