// Caches JSON renderings of the records of one resource, by record and audience. A rendering is used only if its
// version equals the one that was just read from the database. So cached renderings are never stale, in any process,
// and no invalidation is needed.

import { hash } from 'node:crypto';
import {
  flattened,
  type Loaded,
  linksOf,
  loadedWriter,
  resourceWriter,
  type WriteResource,
} from '../../jsonapi/write-document.ts';
import type { DerivationContext } from '../../model/attribute.ts';
import type { AudienceSet } from '../../model/audience.ts';
import type { Links } from '../../model/relationship.ts';
import { isShownOnce, type RecordOf, type Resource, type ShownRevisions } from '../../model/resource.ts';
import type { Zone } from '../../model/zone.ts';
import type { PageRow, RecordVersion } from '../../store/store.ts';
import type { Admission } from './admission.ts';
import { BoundedCache, type CacheBudget } from './bounded-cache.ts';

interface CachedRecord {
  readonly revision: number;
  readonly shown: ShownRevisions;
  /**
   * The value of `CollectionState.shownCount` just before the row was read for a list; null if it was not read for a
   * list.
   */
  shownCount: number | null;
  /** By audience; undefined if not rendered yet. */
  readonly texts: (string | undefined)[];
  readonly links: Links;
}

/** What depends on the `fields` of a request alone. */
interface Writers {
  /** Part of the ETag. */
  readonly shape: string;
  readonly write: WriteResource;
  readonly writeLoaded: ReturnType<typeof loadedWriter>;
}

/** Everything except the zone and the derivation context is shared by all resources. */
interface RenderingCacheOptions extends DerivationContext {
  readonly zone: Zone;
  readonly budget: CacheBudget;
  readonly admission: Admission;
  readonly etagEnd: string;
}

/**
 * Memory of an entry in addition to its text. Text takes one byte for each character, as nearly all texts are
 * Latin-1.
 */
export const entryBytes = 200;
/** Maximum number of cached writers, one for each set of fields. */
const maxWriters = 100;

export class RenderingCache {
  readonly #resource: Resource;
  readonly #options: RenderingCacheOptions;
  readonly #writers: Writers;
  readonly #writersOfFields = new Map<string, Writers>();
  /** The same by the list itself, which one request uses for all of its records. */
  readonly #writersOfList = new WeakMap<readonly string[], Writers>();
  readonly #kept: BoundedCache<number, CachedRecord>;
  /** Makes the ids of this resource different from those of other resources in the doorkeeper. */
  readonly #salt: number;
  #hits = 0;
  #misses = 0;
  readonly #mask: AudienceSet;

  constructor(resource: Resource, options: RenderingCacheOptions) {
    this.#resource = resource;
    this.#options = options;
    this.#writers = this.#makeWriters(null);
    this.#kept = new BoundedCache(options.budget, ({ texts }) =>
      texts.reduce((bytes, text) => bytes + (text?.length ?? 0), entryBytes),
    );
    this.#salt = Buffer.from(hash('sha256', resource.type, 'buffer')).readUInt32LE();
    this.#mask = resource.readingAudiences;
  }

  get type(): string {
    return this.#resource.type;
  }

  /** How often a rendering was found, since the start. */
  get hits(): number {
    return this.#hits;
  }

  /** How often a record was rendered that the cache could have held. */
  get misses(): number {
    return this.#misses;
  }

  /** Whether any version of the record is cached. */
  knows(id: number): boolean {
    return this.#kept.get(id) !== undefined;
  }

  /** The ids that a cached record refers to, in the version that was last found. */
  linksOf(id: number): Links {
    return this.#kept.get(id)!.links;
  }

  linksIn(row: RecordOf): Links {
    return linksOf(this.#resource, row);
  }

  /** The cached resource object, or undefined. */
  find(version: RecordVersion, audiences: AudienceSet): string | undefined {
    const kept = this.#kept.get(version.id);
    return isOf(kept, version) ? this.#textFor(kept, audiences) : undefined;
  }

  /**
   * The same for a row of a list. Such a row does not contain the revisions of other records, because joining them
   * would cost as much as the page. So if the record shows values of others, its rendering is used only if
   * `shownCount` has not changed.
   */
  findListed(row: PageRow, shownCount: number, audiences: AudienceSet): string | undefined {
    const kept = this.#kept.get(row.id);
    if (kept === undefined || kept.revision !== row.revision) return undefined;
    const isCurrent = kept.shown === null || kept.shownCount === shownCount;
    return isCurrent ? this.#textFor(kept, audiences) : undefined;
  }

  #textFor({ texts }: CachedRecord, audiences: AudienceSet): string | undefined {
    const text = texts[audiences & this.#mask];
    if (text !== undefined) this.#hits++;
    return text;
  }

  /**
   * Renders a row. The rendering is cached unless it has only some fields, shows a secret once, or the record was
   * requested for the first time.
   * @param shownCount for a list: the value before the row was read
   */
  render(
    row: RecordOf,
    audiences: AudienceSet,
    fields: readonly string[] | null = null,
    shownCount: number | null = null,
  ): string {
    const audience = audiences & this.#mask;
    if (fields !== null || isShownOnce(this.#resource, row))
      return this.#writersOf(fields).write(row, audience);
    this.#misses++;
    const text = this.#writers.write(row, audience);
    const { id, revision, shown } = row;
    const known = this.#kept.get(id);
    if (known === undefined && !this.#options.admission.admits(id + this.#salt)) return text;
    const isKnown = isOf(known, row);
    const texts = isKnown ? known.texts : new Array<string | undefined>(this.#mask + 1);
    texts[audience] = flattened(text);
    this.#kept.set(id, {
      revision,
      shown,
      shownCount: shownCount ?? (isKnown ? known.shownCount : null),
      texts,
      links: isKnown ? known.links : linksOf(this.#resource, row),
    });
    return text;
  }

  /**
   * Adds the relationships that `include` has loaded to a resource object.
   * @param fields the fields with which it was written
   */
  withLoaded(text: string, links: Links, loaded: Loaded, fields: readonly string[] | null): string {
    return this.#writersOf(fields).writeLoaded(text, links, loaded);
  }

  #writersOf(fields: readonly string[] | null): Writers {
    if (fields === null) return this.#writers;
    const known = this.#writersOfList.get(fields);
    if (known !== undefined) return known;
    const key = fields.join();
    const writers = this.#writersOfFields.get(key) ?? this.#makeWriters(fields);
    if (this.#writersOfFields.size >= maxWriters) this.#writersOfFields.clear();
    this.#writersOfFields.set(key, writers);
    this.#writersOfList.set(fields, writers);
    return writers;
  }

  #makeWriters(fields: readonly string[] | null): Writers {
    return {
      shape: fields === null ? '' : `-${hash('sha256', fields.join(), 'base64url').slice(0, 12)}`,
      write: resourceWriter(this.#resource, fields, this.#options),
      writeLoaded: loadedWriter(this.#resource, fields),
    };
  }

  /**
   * A strong ETag: it differs for every version, audience, set of fields and representation (RFC 9110 section 8.8.1).
   */
  etag(
    { revision, shown }: RecordVersion,
    audiences: AudienceSet,
    fields: readonly string[] | null = null,
  ): string {
    const version = shown === null ? revision.toString(36) : `${revision.toString(36)}.${shown}`;
    return `"${version}-${audiences & this.#mask}${this.#writersOf(fields).shape}-${this.#options.etagEnd}"`;
  }
}

function isOf(kept: CachedRecord | undefined, { revision, shown }: RecordVersion): kept is CachedRecord {
  return kept !== undefined && kept.revision === revision && kept.shown === shown;
}
