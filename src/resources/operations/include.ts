// `include`: loads the records that other records refer to, if the reader sees them. It runs one query for each type
// at each depth.

import { hash } from 'node:crypto';
import type { Selection } from '../../jsonapi/read-selection.ts';
import { bareResource } from '../../jsonapi/write-document.ts';
import type { AudienceSet } from '../../model/audience.ts';
import type { Includes, Links } from '../../model/relationship.ts';
import type { Resource } from '../../model/resource.ts';
import type { Reads, RecordVersion, Visible } from '../../store/store.ts';
import { type Access, callerFactsOf } from '../access.ts';
import type { Call, Services } from '../operation.ts';

/** A record that is rendered as a resource object, without loaded relationships. */
export interface WrittenRecord {
  readonly id: number;
  readonly text: string;
  readonly links: Links;
}

/** The primary records and the included records, as resource objects. */
export interface Compound {
  readonly texts: readonly string[];
  /** Sorted by type, then by id. */
  readonly included: readonly string[];
  /** Digest of all included records. It changes when one of them changes, or when the reader sees other ones. */
  readonly digest: string;
}

export interface Inclusion {
  /**
   * What the ETag of a list depends on: the state of each type that can be included, and which of its records the
   * reader sees.
   */
  state(): Promise<unknown>;
  load(primary: readonly WrittenRecord[]): Promise<Compound>;
}

interface Node extends WrittenRecord {
  readonly resource: Resource;
  readonly etag: string;
  /** Names of relationships. */
  readonly loaded: Set<string>;
}

/** Which records of one type the reader sees. */
interface View {
  readonly access: Access;
  readonly visible: Visible;
  readonly callerFacts: unknown;
}

/** The next nodes whose relationships are loaded, by the relationships to load. */
type Frontier = ReadonlyMap<Includes, ReadonlySet<Node>>;

/**
 * The `include` of one request.
 * @param reads the same reads as for the primary records
 */
export function inclusionOf(
  { services, call, reads }: { readonly services: Services; readonly call: Call; readonly reads: Reads },
  resource: Resource,
  { includes, fieldsOf }: Selection & { readonly includes: Includes },
): Inclusion {
  const { renderings, accesses, store } = services;
  const views = new Map<string, Promise<View>>();
  /** Read once, because several resources may read the same facts of the caller. */
  const facts = new Map<Access['callerFacts'], unknown>();

  async function makeView(access: Access): Promise<View> {
    const { callerFacts: read } = access;
    if (!facts.has(read)) facts.set(read, callerFactsOf(access, call.actor, store.read));
    const callerFacts = await facts.get(read);
    return { access, callerFacts, visible: await access.visible(services, call, store.read, callerFacts) };
  }

  function viewOf(type: string): Promise<View> {
    const view = views.get(type) ?? makeView(accesses.get(type)!);
    views.set(type, view);
    return view;
  }

  async function stateOf(type: string): Promise<unknown> {
    const { access, visible, callerFacts } = await viewOf(type);
    const { changeCount } = await reads.records(access.resource).state();
    return [type, changeCount, visible, callerFacts];
  }

  async function load(primary: readonly WrittenRecord[]): Promise<Compound> {
    const nodes = new Map<string, Node>();
    const roots = primary.map((record): Node => ({ ...record, resource, etag: '', loaded: new Set() }));
    for (const node of roots) nodes.set(nodeKey(resource.type, node.id), node);
    const types: string[] = [];

    let frontier: Frontier = new Map([[includes, new Set(roots)]]);
    while (frontier.size > 0) {
      const missing = missingIds(frontier, nodes);
      const found = await Promise.all([...missing].map(([type, ids]) => loadType(type, [...ids])));
      for (const type of missing.keys()) if (!types.includes(type)) types.push(type);
      for (const node of found.flat()) nodes.set(nodeKey(node.resource.type, node.id), node);
      frontier = nextFrontier(frontier, nodes);
    }

    const isSeen = (type: string, id: number) => nodes.has(nodeKey(type, id));
    const write = ({ resource: of, text, links, loaded }: Node): string => {
      if (loaded.size === 0) return text;
      const fields = fieldsOf.get(of.type) ?? null;
      return renderings.of(of).withLoaded(text, links, { names: loaded, isSeen }, fields);
    };
    // JSON:API, "Compound Documents": a record appears only once, so primary records are not included.
    const isPrimary = new Set(roots);
    const others = [...nodes.values()]
      .filter((node) => !isPrimary.has(node))
      .sort((a, b) => types.indexOf(a.resource.type) - types.indexOf(b.resource.type) || a.id - b.id);
    return {
      texts: roots.map(write),
      included: others.map(write),
      digest: digestOf(includes, others),
    };
  }

  /** Uses the rendering cache if it knows all of the records, else reads their rows. */
  async function loadType(type: string, ids: readonly number[]): Promise<Node[]> {
    const { access, visible, callerFacts } = await viewOf(type);
    const records = reads.records(access.resource);
    const cache = renderings.of(access.resource);
    const fields = fieldsOf.get(type) ?? null;
    const audienceOf = ({ id }: { id: number }, facts: RecordVersion['facts']): AudienceSet =>
      access.audienceOf(call.actor, id, facts, callerFacts) & ~access.resource.audiencesNotIncluded;
    const nodeOf = (version: RecordVersion, audience: AudienceSet, text: string): Node => ({
      id: version.id,
      text,
      links: [],
      resource: access.resource,
      etag: cache.etag(version, audience, fields),
      loaded: new Set(),
    });

    const nodes: Node[] = [];
    let unknown: readonly number[] | null = null;
    if (fields === null && ids.every((id) => cache.knows(id))) {
      const missing: number[] = [];
      for (const version of await records.versions(ids, visible)) {
        const audience = audienceOf(version, version.facts);
        const text = cache.find(version, audience);
        if (text === undefined) missing.push(version.id);
        else nodes.push({ ...nodeOf(version, audience, text), links: cache.linksOf(version.id) });
      }
      unknown = missing;
    }
    for (const row of await records.findMany(unknown ?? ids, visible)) {
      const audience = audienceOf(row, row);
      const text =
        fields?.length === 0 ? bareResource(access.resource, row.id) : cache.render(row, audience, fields);
      nodes.push({ ...nodeOf(row, audience, text), links: cache.linksIn(row) });
    }
    return nodes;
  }

  return {
    state: async () => Promise.all([...typesIn(includes, resource, accesses)].map(stateOf)),
    load,
  };
}

function nodeKey(type: string, id: number): string {
  return `${type} ${id}`;
}

/** Each relationship to load, with its node. */
function* steps(frontier: Frontier) {
  for (const [tree, nodes] of frontier)
    for (const node of nodes) {
      const names = Object.keys(node.resource.relationships);
      for (const [name, subtree] of tree)
        yield {
          node,
          name,
          subtree,
          type: node.resource.relationships[name]!.to,
          id: node.links[names.indexOf(name)]!,
        };
    }
}

function missingIds(frontier: Frontier, nodes: ReadonlyMap<string, Node>): Map<string, Set<number>> {
  const missing = new Map<string, Set<number>>();
  for (const { node, name, type, id } of steps(frontier)) {
    node.loaded.add(name);
    if (id === null || nodes.has(nodeKey(type, id))) continue;
    const ids = missing.get(type) ?? new Set();
    missing.set(type, ids.add(id));
  }
  return missing;
}

function nextFrontier(frontier: Frontier, nodes: ReadonlyMap<string, Node>): Frontier {
  const next = new Map<Includes, Set<Node>>();
  for (const { subtree, type, id } of steps(frontier)) {
    const node = id === null ? undefined : nodes.get(nodeKey(type, id));
    if (node === undefined || subtree.size === 0) continue;
    const known = next.get(subtree) ?? new Set();
    next.set(subtree, known.add(node));
  }
  return next;
}

function typesIn(
  includes: Includes,
  { relationships }: Resource,
  accesses: Services['accesses'],
): Set<string> {
  const types = new Set<string>();
  for (const [name, subtree] of includes) {
    const { to } = relationships[name]!;
    types.add(to);
    for (const type of typesIn(subtree, accesses.get(to)!.resource, accesses)) types.add(type);
  }
  return types;
}

function digestOf(includes: Includes, nodes: readonly Node[]): string {
  const versions = nodes.map(({ resource, id, etag }) => `${resource.type} ${id} ${etag}`);
  const text = [includesText(includes), ...versions].join('\n');
  return hash('sha256', text, 'base64url').slice(0, 16);
}

/** In the order of the request, because the document depends on it. */
function includesText(includes: Includes): string {
  return [...includes].map(([name, subtree]) => `${name}(${includesText(subtree)})`).join();
}
