// Renderings of the records of one resource, kept in memory by record and audience. A rendering is used only where its
// version is the one that the database has just named, so what is kept is right in every process and nobody needs to be
// told of a change.

import { hash } from 'node:crypto';
import { resourceWriter, type WriteResource } from '../../jsonapi/write-document.ts';
import type { DerivationContext } from '../../model/attribute.ts';
import type { AudienceSet } from '../../model/audience.ts';
import type { RecordOf, Resource, ShownRevisions } from '../../model/resource.ts';
import type { Zone } from '../../model/zone.ts';
import type { PageRow, RecordVersion } from '../../store/store.ts';
import { BoundedCache, type CacheBudget } from './bounded-cache.ts';
import type { Doorkeeper } from './doorkeeper.ts';

interface Kept {
  readonly revision: number;
  readonly shown: ShownRevisions;
  /** What `CollectionState.shownCount` was just before its row was read for a list; null where it was not. */
  shownCount: number | null;
  /** By audience, as far as asked for. */
  readonly texts: (string | undefined)[];
}

/** All but the zone and the derivation context is shared by all resources. */
interface RenderingCacheOptions extends DerivationContext {
  readonly zone: Zone;
  readonly budget: CacheBudget;
  readonly asked: Doorkeeper;
  readonly etagEnd: string;
}

/** What an entry takes beside its text, which is a byte a character as nearly all are Latin-1. */
export const entryBytes = 200;
/**
 * When the memory is full, one newcomer in so many takes a place. Each would drive out what is asked for next where the
 * same records are asked for in turn and are more than it holds: all would be made anew, and none found.
 */
const newcomersForPlace = 8;

export class RenderingCache {
  readonly #resource: Resource;
  readonly #options: RenderingCacheOptions;
  readonly #write: WriteResource;
  readonly #kept: BoundedCache<number, Kept>;
  /** Tells the ids of this resource from those of others. */
  readonly #salt: number;
  #newcomers = 0;
  readonly #mask: AudienceSet;

  constructor(resource: Resource, options: RenderingCacheOptions) {
    this.#resource = resource;
    this.#options = options;
    this.#write = resourceWriter(resource, null, options);
    this.#kept = new BoundedCache(options.budget, ({ texts }) =>
      texts.reduce((bytes, text) => bytes + (text?.length ?? 0), entryBytes),
    );
    this.#salt = Buffer.from(hash('sha256', resource.type, 'buffer')).readUInt32LE();
    this.#mask = resource.readingAudiences;
  }

  /** A resource object that was written before, or undefined. */
  find(version: RecordVersion, audiences: AudienceSet): string | undefined {
    const kept = this.#kept.get(version.id);
    return isOf(kept, version) ? kept.texts[audiences & this.#mask] : undefined;
  }

  /**
   * The same for a row of a page, which does not say what it shows of others: to join them would cost as much as the page.
   * So what was kept of a row that shows something is right as long as nothing shown has changed anywhere.
   */
  findListed(row: PageRow, shownCount: number, audiences: AudienceSet): string | undefined {
    const kept = this.#kept.get(row.id);
    if (kept === undefined || kept.revision !== row.revision) return undefined;
    const isCurrent = kept.shown === null || kept.shownCount === shownCount;
    return isCurrent ? kept.texts[audiences & this.#mask] : undefined;
  }

  /**
   * Writes a row, and keeps what was written unless it is of some fields alone, or asked for only once.
   * @param shownCount of a list: as it was before the row was read
   */
  render(
    row: RecordOf,
    audiences: AudienceSet,
    fields: readonly string[] | null = null,
    shownCount: number | null = null,
  ): string {
    const audience = audiences & this.#mask;
    if (fields !== null) return resourceWriter(this.#resource, fields, this.#options)(row, audience);
    const text = this.#write(row, audience);
    const { id, revision, shown } = row;
    const known = this.#kept.get(id);
    if (known === undefined && !this.#admits(id)) return text;
    const isKnown = isOf(known, row);
    const texts = isKnown ? known.texts : new Array<string | undefined>(this.#mask + 1);
    texts[audience] = text;
    this.#kept.set(id, {
      revision,
      shown,
      shownCount: shownCount ?? (isKnown ? known.shownCount : null),
      texts,
    });
    return text;
  }

  #admits(id: number): boolean {
    const { asked, budget } = this.#options;
    return (
      asked.comesAgain(id + this.#salt) && (!budget.isFull || ++this.#newcomers % newcomersForPlace === 0)
    );
  }

  /** Strong: another version, audience, set of fields or way of writing has another one (RFC 9110 section 8.8.1). */
  etag(
    { revision, shown }: RecordVersion,
    audiences: AudienceSet,
    fields: readonly string[] | null = null,
  ): string {
    const version = shown === null ? revision.toString(36) : `${revision.toString(36)}.${shown}`;
    const shape = fields === null ? '' : `-${hash('sha256', fields.join(), 'base64url').slice(0, 12)}`;
    return `"${version}-${audiences & this.#mask}${shape}-${this.#options.etagEnd}"`;
  }
}

function isOf(kept: Kept | undefined, { revision, shown }: RecordVersion): kept is Kept {
  return kept !== undefined && kept.revision === revision && kept.shown === shown;
}
