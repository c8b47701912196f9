// Renderings of records, kept in memory by record and audience. A rendering is used only where its revision is the one
// that the database has just named, so what is kept is right in every process and nobody needs to be told of a change.

import { hash } from 'node:crypto';
import { resourceWriter, type WriteResource } from '../../jsonapi/write-document.ts';
import type { DerivationContext } from '../../model/attribute.ts';
import type { AudienceSet } from '../../model/audience.ts';
import type { Resource, Row } from '../../model/resource.ts';
import type { Zone } from '../../model/zone.ts';
import type { RecordVersion } from '../../store/store.ts';
import { BoundedCache } from './bounded-cache.ts';
import { Doorkeeper } from './doorkeeper.ts';

interface Renderings {
  readonly revision: number;
  /** By audience, as far as asked for. */
  readonly texts: (string | undefined)[];
}

export interface RenderingCacheOptions extends DerivationContext {
  readonly zone: Zone;
  /** Changes whenever the same row would be written differently. */
  readonly representation: string;
  readonly maxKeptBytes: number;
}

/** What an entry takes beside its text, which is a byte a character as nearly all are Latin-1. */
const entryBytes = 200;
const minKeptBody = 4096;
/**
 * When the memory is full, one newcomer in so many takes a place. Each would drive out what is asked for next where the
 * same records are asked for in turn and are more than it holds: all would be made anew, and none found.
 */
const newcomersForPlace = 8;

export class RenderingCache {
  readonly #resource: Resource;
  readonly #options: RenderingCacheOptions;
  readonly #write: WriteResource;
  readonly #kept: BoundedCache<number, Renderings>;
  readonly #asked = new Doorkeeper();
  #newcomers = 0;
  readonly #collections: BoundedCache<string, string>;
  readonly #mask: AudienceSet;
  readonly #etagEnd: string;

  constructor(resource: Resource, options: RenderingCacheOptions) {
    this.#resource = resource;
    this.#options = options;
    this.#write = resourceWriter(resource, null, options);
    this.#kept = new BoundedCache((options.maxKeptBytes * 3) / 4, ({ texts }) =>
      texts.reduce((bytes, text) => bytes + (text?.length ?? 0), entryBytes),
    );
    this.#collections = new BoundedCache(options.maxKeptBytes / 4, (body) => body.length + entryBytes);
    this.#mask = resource.readingAudiences;
    this.#etagEnd = hash('sha256', options.representation, 'base64url').slice(0, 12);
  }

  /** A resource object that was written before, or undefined. */
  find({ id, revision }: RecordVersion, audiences: AudienceSet): string | undefined {
    const renderings = this.#kept.get(id);
    return renderings?.revision === revision ? renderings.texts[audiences & this.#mask] : undefined;
  }

  /** Writes a row, and keeps what was written unless it is of some fields alone, or asked for only once. */
  render(row: Row, audiences: AudienceSet, fields: readonly string[] | null = null): string {
    const audience = audiences & this.#mask;
    if (fields !== null) return resourceWriter(this.#resource, fields, this.#options)(row, audience);
    const text = this.#write(row, audience);
    const id = row.id as number;
    const revision = row.revision as number;
    const known = this.#kept.get(id);
    if (known === undefined && !this.#admits(id)) return text;
    const texts = known?.revision === revision ? known.texts : new Array<string | undefined>(this.#mask + 1);
    texts[audience] = text;
    this.#kept.set(id, { revision, texts });
    return text;
  }

  #admits(id: number): boolean {
    return this.#asked.comesAgain(id) && (!this.#kept.isFull || ++this.#newcomers % newcomersForPlace === 0);
  }

  /** Strong: another revision, audience, set of fields or way of writing has another one (RFC 9110 section 8.8.1). */
  etag(revision: number, audiences: AudienceSet, fields: readonly string[] | null = null): string {
    const shape = fields === null ? '' : `-${hash('sha256', fields.join(), 'base64url').slice(0, 12)}`;
    return `"${revision.toString(36)}-${audiences & this.#mask}${shape}-${this.#etagEnd}"`;
  }

  /** Of a collection: the version of all that could be in it, and everything that the answer depends on. */
  collectionEtag(version: number, asked: string): string {
    return `"${version.toString(36)}-${hash('sha256', asked, 'base64url').slice(0, 16)}-${this.#etagEnd}"`;
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
