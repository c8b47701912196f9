// What documents are made of, kept in memory: a cache of renderings for each resource, and the bodies of lists. All of them
// share one bound.

import { hash } from 'node:crypto';
import type { DerivationContext } from '../../model/attribute.ts';
import type { Resource } from '../../model/resource.ts';
import type { Zone } from '../../model/zone.ts';
import { BoundedCache, CacheBudget } from './bounded-cache.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { entryBytes, RenderingCache } from './rendering-cache.ts';

export interface RenderingsOptions extends DerivationContext {
  readonly zone: Zone;
  /** Changes whenever the same row would be written differently. */
  readonly representation: string;
  /** Of all resources together. */
  readonly maxKeptBytes: number;
}

const minKeptBody = 4096;

export class Renderings {
  readonly #options: RenderingsOptions;
  readonly #budget: CacheBudget;
  readonly #asked = new Doorkeeper();
  readonly #resources = new Map<Resource, RenderingCache>();
  readonly #collections: BoundedCache<string, string>;
  readonly #etagEnd: string;

  constructor(options: RenderingsOptions) {
    this.#options = options;
    this.#budget = new CacheBudget((options.maxKeptBytes * 3) / 4);
    this.#collections = new BoundedCache(options.maxKeptBytes / 4, (body) => body.length + entryBytes);
    this.#etagEnd = hash('sha256', options.representation, 'base64url').slice(0, 12);
  }

  of(resource: Resource): RenderingCache {
    const known = this.#resources.get(resource);
    if (known !== undefined) return known;
    const made = new RenderingCache(resource, {
      ...this.#options,
      budget: this.#budget,
      asked: this.#asked,
      etagEnd: this.#etagEnd,
    });
    this.#resources.set(resource, made);
    return made;
  }

  /** Of a collection: the change count of all that could be in it, and everything else that the answer depends on. */
  collectionEtag(changeCount: number, asked: string): string {
    return `"${changeCount.toString(36)}-${hash('sha256', asked, 'base64url').slice(0, 16)}-${this.#etagEnd}"`;
  }

  /** The body of a strong tag is one and the same, so it is its own key; a change anywhere in the collection makes another. */
  findCollection(etag: string): string | undefined {
    return this.#collections.get(etag);
  }

  /** Short ones, and what is asked for once, are quicker to make again than to make room for. */
  keepCollection(etag: string, body: string): string {
    if (body.length >= minKeptBody && this.#asked.comesAgain(etag)) this.#collections.set(etag, body);
    return body;
  }
}
