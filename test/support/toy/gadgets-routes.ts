import { creationOf } from '../../../src/resources/operations/create.ts';
import { deleteOperation } from '../../../src/resources/operations/delete.ts';
import { listOperation } from '../../../src/resources/operations/list.ts';
import { showOperation } from '../../../src/resources/operations/show.ts';
import { updateOperation } from '../../../src/resources/operations/update.ts';
import type { Route } from '../../../src/resources/route.ts';
import { gadgets } from './gadgets.ts';
import { gadgetsAccess } from './gadgets-access.ts';
import { gadgetsRules } from './gadgets-rules.ts';

/** Properties of routes for one gadget. */
const ofGadget = {
  parameters: { id: 'id' },
  target: { resource: gadgets, parameter: 'id' },
} as const;

export const gadgetsRoutes: readonly Route[] = [
  {
    name: 'listGadgets',
    method: 'GET',
    path: '/api/v2/gadgets',
    auth: 'token',
    body: 'none',
    operation: listOperation(gadgetsAccess),
    resource: gadgets,
    policy: 'All accounts, for the gadgets that they can see.',
    description: 'Lists gadgets.',
    answers: 'collection',
  },
  {
    name: 'showGadget',
    method: 'GET',
    path: '/api/v2/gadgets/{id}',
    auth: 'token',
    ...ofGadget,
    body: 'none',
    operation: showOperation(gadgetsAccess),
    resource: gadgets,
    policy: 'All accounts, for the gadgets that they can see.',
    description: 'Shows a gadget.',
    answers: 'record',
  },
  {
    name: 'createGadget',
    method: 'POST',
    path: '/api/v2/gadgets',
    auth: 'token',
    body: 'document',
    creation: creationOf(gadgetsRules),
    resource: gadgets,
    policy: 'Sysadmins with manage_organizations.',
    description: 'Creates a gadget.',
    answers: 'created',
  },
  {
    name: 'updateGadget',
    method: 'PATCH',
    path: '/api/v2/gadgets/{id}',
    auth: 'token',
    ...ofGadget,
    body: 'document',
    operation: updateOperation(gadgetsRules),
    resource: gadgets,
    policy: 'The owner, and sysadmins with manage_organizations.',
    description: 'Updates a gadget.',
    answers: 'record',
  },
  {
    name: 'deleteGadget',
    method: 'DELETE',
    path: '/api/v2/gadgets/{id}',
    auth: 'token',
    ...ofGadget,
    body: 'none',
    operation: deleteOperation(gadgetsRules),
    resource: gadgets,
    policy: 'Sysadmins with manage_organizations.',
    description: 'Deletes a gadget.',
    answers: 'nothing',
  },
];
