import { contentGate } from '../../../src/extractors/content-gate.js';
import type { BoxModel } from '../../../src/simulator/box-model.js';
import type { TruthItem } from '../../../src/simulator/truth.js';
import { comparable, type IndexedSource, truthDocument } from '../index-contents.js';
import { active } from './make-change.js';
import type { PlannedRule } from './plan.js';

/** What the program is told to walk and to leave out. */
export interface Scope {
  /** Ids; empty: everything. */
  readonly folders: readonly string[];
  /** Ids of users who are not walked. */
  readonly exclude: readonly string[];
  readonly rules: readonly (PlannedRule & { readonly value: string })[];
}

/** A document that has to be there. What is shared by somebody who is not walked may be shown as each of its viewers sees it. */
export interface Expected {
  readonly ways: readonly IndexedSource[];
  readonly item: TruthItem;
}

/** What the index has to hold, by `type id`: the truth of the simulated Box, within the scope and by the rules. */
export function expectedDocuments(box: BoxModel, scope: Scope): Map<string, Expected> {
  const walked = [...active(box), box.serviceAccountId].filter((id) => !scope.exclude.includes(id));
  const expected = new Map<string, { ways: IndexedSource[]; item: TruthItem }>();
  // Whoever comes first shows what is shared by those who are not walked.
  for (const first of walked) {
    for (const item of box.truth([first, ...walked.filter((id) => id !== first)])) {
      if (scope.folders.length > 0 && !item.ancestors.some((id) => scope.folders.includes(id))) continue;
      const document = truthDocument(item);
      const key = `${item.type} ${item.id}`;
      const known = expected.get(key);
      if (known === undefined) expected.set(key, { ways: [document], item });
      else if (!known.ways.some(({ path }) => path === document['path'])) known.ways.push(document);
    }
  }
  for (const [key, { ways }] of expected) {
    const kept = ways.filter((document) => isIncluded(document, scope.rules));
    if (kept.length === 0) expected.delete(key);
  }
  return expected;
}

/** The first rule that matches decides. */
function isIncluded(document: IndexedSource, rules: Scope['rules']): boolean {
  for (const { policy, field, rule, value } of rules) {
    const found = document[field];
    if (typeof found === 'string' && matches(found, rule, value)) return policy === 'include';
  }
  return true;
}

function matches(found: string, rule: PlannedRule['rule'], value: string): boolean {
  switch (rule) {
    case 'equals':
      return found === value;
    case 'starts_with':
      return found.startsWith(value);
    case 'contains':
      return found.includes(value);
  }
}

const gate = contentGate({ enabled: true });

export interface Difference {
  readonly missing: readonly string[];
  readonly surplus: readonly string[];
  /** Documents that say something else than Box, with what. */
  readonly wrong: readonly string[];
}

/** The whole index against what it has to hold. */
export function differenceOf(
  documents: ReadonlyMap<string, IndexedSource>,
  expected: ReadonlyMap<string, Expected>,
  /** Text that a file must have beside its fields; `null`: not looked at. */
  textOf: ((source: IndexedSource) => unknown) | null,
): Difference {
  const found = new Map<string, IndexedSource>();
  for (const [documentId, source] of documents) found.set(itemKeyOf(documentId, source), source);
  const wrong: string[] = [];
  for (const [key, { ways, item }] of expected) {
    const source = found.get(key);
    if (source === undefined) continue;
    // The size of a folder is as it was when the folder was last written.
    const faults = ways.map((truth) =>
      faultsOf(source, item.type === 'folder' ? { ...truth, size: source['size'] } : truth),
    );
    const [fault = ''] = faults.includes('') ? [] : faults;
    if (fault !== '') wrong.push(`${key}: ${fault}`);
    if (textOf === null || item.type !== 'file') continue;
    const text = textOf(source);
    const expectedText = gate.check(item.entry as never).pass ? item.content().toString() : '';
    // White space is reduced.
    if (text !== expectedText.replaceAll(/\s+/g, ' '))
      wrong.push(`${key}: text is ${JSON.stringify(text)}, in Box ${expectedText}`);
  }
  return {
    missing: [...expected].filter(([key]) => !found.has(key)).map(([key, { item }]) => `${key} ${item.path}`),
    surplus: [...found].filter(([key]) => !expected.has(key)).map(([key, { path }]) => `${key} ${String(path)}`),
    wrong,
  };
}

export function itemKeyOf(documentId: string, source: IndexedSource): string {
  const type = String(source['type']);
  // The page of a file or folder has its id, whatever the document is called.
  const page = /^https:\/\/app\.box\.com\/[a-z]+\/(.+)$/.exec(String(source['url']));
  const plain = documentId.startsWith(`${type}_`) ? documentId.slice(type.length + 1) : documentId;
  return `${type} ${type === 'web_link' ? plain : (page?.[1] ?? plain)}`;
}

function faultsOf(source: IndexedSource, truth: IndexedSource): string {
  const found = comparable(source, truth);
  return Object.keys(truth)
    .filter((name) => JSON.stringify(found[name]) !== JSON.stringify(truth[name]))
    .map((name) => `${name} is ${JSON.stringify(found[name])}, in Box ${JSON.stringify(truth[name])}`)
    .join('; ');
}
