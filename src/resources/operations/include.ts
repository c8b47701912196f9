// `include`: loads the records that other records refer to, if the reader sees them. It runs one query for each type
// at each depth.

import { hash } from 'node:crypto';
import type { Selection } from '../../jsonapi/read-selection.ts';
import { bareResource } from '../../jsonapi/write-document.ts';
import type { AudienceSet } from '../../model/audience.ts';
import { type Awaitable, all, chain } from '../../model/awaitable.ts';
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
  /** A digest of all included records. It changes when one of them changes, or when the reader sees other ones. */
  digest(): string;
}

export interface Inclusion {
  /**
   * What the ETag of a list depends on: the state of each type that can be included, and which of its records the
   * reader sees.
   */
  state(): Awaitable<unknown>;
  load(primary: readonly WrittenRecord[]): Promise<Compound>;
}

interface Node extends WrittenRecord {
  readonly resource: Resource;
  readonly audience: AudienceSet;
  readonly version: RecordVersion | null;
  /** Names of relationships; null for none. */
  loaded: ReadonlySet<string> | null;
}

/** The records that were found, by type and id. */
type Nodes = Map<string, Map<number, Node>>;

/** Which records of one type the reader sees. */
interface View {
  readonly access: Access;
  readonly visible: Visible;
  readonly callerFacts: unknown;
}

/** The next nodes whose relationships are loaded, by the relationships to load. The nodes of each are of one type. */
type Frontier = ReadonlyMap<Includes, ReadonlySet<Node>>;

interface Primary {
  readonly services: Services;
  readonly call: Call;
  /** The reads of the primary records. */
  readonly reads: Reads;
  readonly access: Access;
  readonly callerFacts: unknown;
}

/** The `include` of one request. */
export function inclusionOf(
  { services, call, reads, access: { resource, callerFacts }, callerFacts: known }: Primary,
  { includes, fieldsOf }: Selection & { readonly includes: Includes },
): Inclusion {
  const { renderings, accesses, store, clock } = services;
  const views = new Map<string, Awaitable<View>>();
  /** Read once, because several resources may read the same facts of the caller. */
  const facts = new Map<Access['callerFacts'], unknown>([[callerFacts, known]]);

  function makeView(access: Access): Awaitable<View> {
    const { callerFacts: read } = access;
    if (!facts.has(read)) facts.set(read, callerFactsOf(access, call.actor, store.read, clock()));
    return chain(facts.get(read), (callerFacts) =>
      chain(access.visible(services, call, store.read, callerFacts), (visible) => ({
        access,
        callerFacts,
        visible,
      })),
    );
  }

  function viewOf(type: string): Awaitable<View> {
    const view = views.get(type) ?? makeView(accesses.get(type)!);
    views.set(type, view);
    return view;
  }

  function stateOf(type: string): Awaitable<unknown> {
    return chain(viewOf(type), ({ access, visible, callerFacts }) =>
      chain(reads.records(access.resource).state(), ({ changeCount }) => [
        type,
        changeCount,
        visible,
        callerFacts,
      ]),
    );
  }

  async function load(primary: readonly WrittenRecord[]): Promise<Compound> {
    const nodes: Nodes = new Map();
    const roots = primary.map(
      (record): Node => ({ ...record, resource, audience: 0, version: null, loaded: null }),
    );
    addNodes(nodes, resource.type, roots);

    /** In the order of `included`. */
    const includedTypes = new Set<string>();
    let frontier: Frontier = new Map([[includes, new Set(roots)]]);
    while (frontier.size > 0) {
      const missing = missingIds(frontier, nodes);
      const types = [...missing.keys()];
      const found = await Promise.all(types.map((type) => loadType(type, [...missing.get(type)!])));
      for (const [i, type] of types.entries()) {
        includedTypes.add(type);
        addNodes(nodes, type, found[i]!);
      }
      frontier = nextFrontier(frontier, nodes);
    }

    const isSeen = (type: string, id: number) => nodes.get(type)?.has(id) ?? false;
    const write = ({ resource: of, text, links, loaded }: Node): string => {
      if (loaded === null) return text;
      const fields = fieldsOf.get(of.type) ?? null;
      return renderings.of(of).withLoaded(text, links, { names: loaded, isSeen }, fields);
    };
    // JSON:API, "Compound Documents": a record appears only once, so primary records are not included.
    const isPrimary = new Set(roots);
    const others = [...includedTypes].flatMap((type) =>
      [...nodes.get(type)!.values()].filter((node) => !isPrimary.has(node)).sort((a, b) => a.id - b.id),
    );
    return {
      texts: roots.map(write),
      included: others.map(write),
      digest: () => digestOf(includes, others.map(tagOf)),
    };
  }

  function tagOf({ resource: of, id, version, audience }: Node): string {
    const fields = fieldsOf.get(of.type) ?? null;
    return `${of.type} ${id} ${renderings.of(of).etag(version!, audience, fields)}`;
  }

  /** Uses the rendering cache if it knows all of the records, else reads their rows. */
  async function loadType(type: string, ids: readonly number[]): Promise<Node[]> {
    const { access, visible, callerFacts } = await viewOf(type);
    const records = reads.records(access.resource);
    const cache = renderings.of(access.resource);
    const fields = fieldsOf.get(type) ?? null;
    const audienceOf = ({ id }: { id: number }, facts: RecordVersion['facts']): AudienceSet =>
      access.audienceOf(call.actor, id, facts, callerFacts) & ~access.resource.audiencesNotIncluded;
    const nodeOf = (version: RecordVersion, audience: AudienceSet, text: string, links: Links): Node => ({
      id: version.id,
      text,
      links,
      resource: access.resource,
      audience,
      version,
      loaded: null,
    });

    const nodes: Node[] = [];
    let unknown: readonly number[] | null = null;
    if (fields === null && ids.every((id) => cache.knows(id))) {
      const missing: number[] = [];
      for (const version of await records.versions(ids, visible)) {
        const audience = audienceOf(version, version.facts);
        const text = cache.find(version, audience);
        if (text === undefined) missing.push(version.id);
        else nodes.push(nodeOf(version, audience, text, cache.linksOf(version.id)));
      }
      unknown = missing;
    }
    for (const row of await records.findMany(unknown ?? ids, visible)) {
      const audience = audienceOf(row, row);
      const text =
        fields?.length === 0 ? bareResource(access.resource, row.id) : cache.render(row, audience, fields);
      nodes.push(nodeOf(row, audience, text, cache.linksIn(row)));
    }
    return nodes;
  }

  return {
    state: () => all([...typesIn(includes, resource, accesses)].map(stateOf)),
    load,
  };
}

function addNodes(nodes: Nodes, type: string, added: readonly Node[]): void {
  const ofType = nodes.get(type) ?? new Map<number, Node>();
  for (const node of added) ofType.set(node.id, node);
  nodes.set(type, ofType);
}

/** Each relationship to load, with the nodes that have it. */
function* steps(frontier: Frontier) {
  for (const [tree, nodes] of frontier) {
    const [first] = nodes;
    if (first === undefined) continue;
    const { relationships } = first.resource;
    const names = Object.keys(relationships);
    for (const [name, subtree] of tree)
      yield { nodes, subtree, type: relationships[name]!.to, index: names.indexOf(name) };
  }
}

function missingIds(frontier: Frontier, nodes: Nodes): Map<string, Set<number>> {
  for (const [tree, reached] of frontier) {
    const names = new Set(tree.keys());
    // A record that several paths reach has loaded the relationships of each.
    for (const node of reached) node.loaded = node.loaded === null ? names : node.loaded.union(names);
  }
  const missing = new Map<string, Set<number>>();
  for (const { nodes: reached, type, index } of steps(frontier)) {
    const known = nodes.get(type);
    const ids = missing.get(type) ?? new Set();
    for (const { links } of reached) {
      const id = links[index]!;
      if (id !== null && !known?.has(id)) ids.add(id);
    }
    if (ids.size > 0) missing.set(type, ids);
  }
  return missing;
}

function nextFrontier(frontier: Frontier, nodes: Nodes): Frontier {
  const next = new Map<Includes, Set<Node>>();
  for (const { nodes: reached, subtree, type, index } of steps(frontier)) {
    if (subtree.size === 0) continue;
    const found = new Set<Node>();
    for (const { links } of reached) {
      const id = links[index]!;
      const node = id === null ? undefined : nodes.get(type)?.get(id);
      if (node !== undefined) found.add(node);
    }
    if (found.size > 0) next.set(subtree, found);
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

function digestOf(includes: Includes, tags: readonly string[]): string {
  return hash('sha256', [includesText(includes), ...tags].join('\n'), 'base64url').slice(0, 16);
}

/** In the order of the request, because the document depends on it. */
function includesText(includes: Includes): string {
  return [...includes].map(([name, subtree]) => `${name}(${includesText(subtree)})`).join();
}
