import { listOperation } from '../../../src/resources/operations/list.ts';
import { showOperation } from '../../../src/resources/operations/show.ts';
import type { Route } from '../../../src/resources/route.ts';
import { gadgets } from './gadgets.ts';
import { gadgetsAccess } from './gadgets-access.ts';

/** The path of one gadget. */
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
    policy: 'Everyone, of those they see.',
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
    policy: 'Everyone, of those they see.',
    description: 'Shows a gadget.',
    answers: 'record',
  },
];
