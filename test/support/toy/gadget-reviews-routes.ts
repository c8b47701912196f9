import { creationOf } from '../../../src/resources/operations/create.ts';
import { deleteOperation } from '../../../src/resources/operations/delete.ts';
import { listOperation } from '../../../src/resources/operations/list.ts';
import { showOperation } from '../../../src/resources/operations/show.ts';
import { updateOperation } from '../../../src/resources/operations/update.ts';
import type { Route } from '../../../src/resources/route.ts';
import { gadgetReviews } from './gadget-reviews.ts';
import { gadgetReviewsAccess } from './gadget-reviews-access.ts';
import { gadgetReviewsRules } from './gadget-reviews-rules.ts';
import { gadgets } from './gadgets.ts';

/** Properties of routes for one review. */
const ofReview = {
  parameters: { id: 'id' },
  target: { resource: gadgetReviews, parameter: 'id' },
} as const;

export const gadgetReviewsRoutes: readonly Route[] = [
  {
    name: 'listGadgetReviews',
    method: 'GET',
    path: '/api/v2/gadget_reviews',
    auth: 'token',
    body: 'none',
    operation: listOperation(gadgetReviewsAccess),
    resource: gadgetReviews,
    policy: 'Everyone, of those they see.',
    description: 'Lists reviews.',
    answers: 'collection',
  },
  // #region related
  {
    name: 'listReviewsOfGadget',
    method: 'GET',
    path: '/api/v2/gadgets/{id}/gadget_reviews',
    auth: 'token',
    parameters: { id: 'id' },
    target: { resource: gadgets, parameter: 'id' },
    body: 'none',
    operation: listOperation(gadgetReviewsAccess, { under: 'gadget' }),
    resource: gadgetReviews,
    policy: 'Who sees the gadget, of its reviews those they see.',
    description: 'Lists the reviews of a gadget.',
    answers: 'collection',
  },
  // #endregion
  {
    name: 'showGadgetReview',
    method: 'GET',
    path: '/api/v2/gadget_reviews/{id}',
    auth: 'token',
    ...ofReview,
    body: 'none',
    operation: showOperation(gadgetReviewsAccess),
    resource: gadgetReviews,
    policy: 'Everyone, of those they see.',
    description: 'Shows a review.',
    answers: 'record',
  },
  {
    name: 'createGadgetReview',
    method: 'POST',
    path: '/api/v2/gadget_reviews',
    auth: 'token',
    body: 'document',
    creation: creationOf(gadgetReviewsRules),
    resource: gadgetReviews,
    policy: 'Everyone, in an organization that they belong to.',
    description: 'Creates a review.',
    answers: 'created',
  },
  {
    name: 'updateGadgetReview',
    method: 'PATCH',
    path: '/api/v2/gadget_reviews/{id}',
    auth: 'token',
    ...ofReview,
    body: 'document',
    operation: updateOperation(gadgetReviewsRules),
    resource: gadgetReviews,
    policy: 'The author, and owners and admins of the organization.',
    description: 'Updates a review.',
    answers: 'record',
  },
  {
    name: 'deleteGadgetReview',
    method: 'DELETE',
    path: '/api/v2/gadget_reviews/{id}',
    auth: 'token',
    ...ofReview,
    body: 'none',
    operation: deleteOperation(gadgetReviewsRules),
    resource: gadgetReviews,
    policy: 'The author, and owners and admins of the organization.',
    description: 'Deletes a review.',
    answers: 'nothing',
  },
];
