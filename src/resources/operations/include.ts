// `include`: the records that others refer to, as far as the reader sees them. One query for each type at each depth.

import { hash } from 'node:crypto';
import type { Selection } from '../../jsonapi/read-selection.ts';
import type { AudienceSet } from '../../model/audience.ts';
import type { Includes, Links } from '../../model/relationship.ts';
import type { Resource } from '../../model/resource.ts';
import type { Reads, RecordVersion, Visible } from '../../store/store.ts';
import { type Access, callerFactsOf } from '../access.ts';
import type { Call, Services } from '../operation.ts';

/** A record whose resource object is written, with nothing loaded yet. */
export interface WrittenRecord {
  readonly id: number;
  readonly text: string;
  readonly links: Links;
}

/** The primary records and those that they refer to, as resource objects. */
export interface Compound {
  readonly texts: readonly string[];
  /** By type, and then by id. */
  readonly included: readonly string[];
  /** Of all included records: it changes with each of them, and with which of them the reader sees. */
  readonly digest: string;
}

export interface Inclusion {
  /** What the tag of a collection depends on: the state of each type that can be in the answer, and what the reader sees of it. */
  state(): Promise<unknown>;
  load(primary: readonly WrittenRecord[]): Promise<Compound>;
}

interface Node extends WrittenRecord {
  readonly resource: Resource;
  readonly etag: string;
  /** Names of relationships. */
  readonly loaded: Set<string>;
}

/** How the reader sees the records of one type. */
interface View {
  readonly access: Access;
  readonly visible: Visible;
  readonly callerFacts: unknown;
}

/** Nodes whose relationships are to be loaded, by what is to be loaded. */
type Frontier = ReadonlyMap<Includes, ReadonlySet<Node>>;

/**
 * Of one request.
 * @param reads where the primary records are read too
 */
export function inclusionOf(
  { services, call, reads }: { readonly services: Services; readonly call: Call; readonly reads: Reads },
  resource: Resource,
  { includes, fields, fieldsOf }: Selection & { readonly includes: Includes },
): Inclusion {
  const { renderings, accesses, store } = services;
  const views = new Map<string, Promise<View>>();
  /** Resources may read the same facts of the caller. */
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
      const itsFields = of === resource ? fields : (fieldsOf.get(of.type) ?? null);
      return renderings.of(of).withLoaded(text, links, { names: loaded, isSeen }, itsFields);
    };
    // A record stands in an answer once: what is primary data is not included.
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

  /** By the rendering cache if it knows all of them, else by their rows. */
  async function loadType(type: string, ids: readonly number[]): Promise<Node[]> {
    const { access, visible, callerFacts } = await viewOf(type);
    const records = reads.records(access.resource);
    const cache = renderings.of(access.resource);
    const itsFields = fieldsOf.get(type) ?? null;
    const audienceOf = ({ id }: { id: number }, facts: RecordVersion['facts']): AudienceSet =>
      access.audienceOf(call.actor, id, facts, callerFacts);
    const nodeOf = (version: RecordVersion, audience: AudienceSet, text: string): Node => ({
      id: version.id,
      text,
      links: [],
      resource: access.resource,
      etag: cache.etag(version, audience, itsFields),
      loaded: new Set(),
    });

    const nodes: Node[] = [];
    let unknown: readonly number[] | null = null;
    if (itsFields === null && ids.every((id) => cache.knows(id))) {
      const missing: number[] = [];
      for (const version of await records.versions(ids, visible)) {
        const audience = audienceOf(version, version.facts);
        const text = cache.find(version, audience);
        if (text === undefined) missing.push(version.id);
        else nodes.push({ ...nodeOf(version, audience, text), links: cache.linksOf(version.id) });
      }
      unknown = missing;
    }
    const rows = unknown === null ? records.findMany(ids, visible) : records.findMany(unknown);
    for (const row of await rows) {
      const audience = audienceOf(row, row);
      const text = cache.render(row, audience, itsFields);
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

/** Each relationship that is to be loaded, with the node that has it. */
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

/** In their order, as it is that of the document. */
function includesText(includes: Includes): string {
  return [...includes].map(([name, subtree]) => `${name}(${includesText(subtree)})`).join();
}
