// The caches of documents: a cache of renderings for each resource, and a cache of whole list bodies. They share one
// memory limit.

import { hash } from 'node:crypto';
import type { DerivationContext } from '../../model/attribute.ts';
import type { Resource } from '../../model/resource.ts';
import type { Zone } from '../../model/zone.ts';
import { Admission } from './admission.ts';
import { BoundedCache, CacheBudget } from './bounded-cache.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { entryBytes, RenderingCache } from './rendering-cache.ts';

export interface RenderingsOptions extends DerivationContext {
  readonly zone: Zone;
  /** Must change whenever the same row is rendered differently, see ETags. */
  readonly representation: string;
  /** Memory limit for all resources together. */
  readonly maxKeptBytes: number;
}

const minKeptBody = 4096;

export class Renderings {
  readonly #options: RenderingsOptions;
  readonly #budget: CacheBudget;
  readonly #admission: Admission;
  readonly #resources = new Map<Resource, RenderingCache>();
  readonly #collections: BoundedCache<string, string>;
  readonly #collectionAdmission: Admission;
  readonly #etagEnd: string;

  constructor(options: RenderingsOptions) {
    this.#options = options;
    this.#budget = new CacheBudget((options.maxKeptBytes * 3) / 4);
    const collections = new CacheBudget(options.maxKeptBytes / 4);
    this.#collections = new BoundedCache(collections, (body) => body.length + entryBytes);
    const asked = new Doorkeeper();
    this.#admission = new Admission(asked, this.#budget);
    this.#collectionAdmission = new Admission(asked, collections);
    this.#etagEnd = hash('sha256', options.representation, 'base64url').slice(0, 12);
  }

  of(resource: Resource): RenderingCache {
    const known = this.#resources.get(resource);
    if (known !== undefined) return known;
    const made = new RenderingCache(resource, {
      ...this.#options,
      budget: this.#budget,
      admission: this.#admission,
      etagEnd: this.#etagEnd,
    });
    this.#resources.set(resource, made);
    return made;
  }

  /** The caches of records that were used since the start. */
  get caches(): Iterable<Pick<RenderingCache, 'type' | 'hits' | 'misses'>> {
    return this.#resources.values();
  }

  /**
   * ETag of a list.
   * @param changeCount the change count of the collection
   * @param asked everything else that the response depends on
   */
  collectionEtag(changeCount: number, asked: string): string {
    return `"${changeCount.toString(36)}-${hash('sha256', asked, 'base64url').slice(0, 16)}-${this.#etagEnd}"`;
  }

  /** The cached body. The strong ETag is the key: any change in the collection gives a new ETag. */
  findCollection(etag: string): string | undefined {
    return this.#collections.get(etag);
  }

  /**
   * Caches the body, unless it is short, or not admitted: then rendering it again is cheaper.
   * @param hasIncluded then it is worth it also if short, because it has records of several tables
   */
  cacheCollection(etag: string, body: string, hasIncluded: boolean): string {
    if ((hasIncluded || body.length >= minKeptBody) && this.#collectionAdmission.admits(etag))
      this.#collections.set(etag, body);
    return body;
  }
}
