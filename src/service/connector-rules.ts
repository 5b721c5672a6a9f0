import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { exitCodes } from '../app/exit-codes.js';
import type { RulesRequest } from '../app/connector-request.js';
import { isRecord } from '../config/format.js';
import { ConfigError, TransientError } from '../core/errors.js';
import { messageOf } from '../core/message-of.js';
import { columns } from './columns.js';
import type { ConnectorTools } from './connector-tools.js';
import { activeFiltering, checkDraft, draftRules, withEditedDraft } from './filtering.js';
import { findConnector } from './find-connector.js';
import { type Members, members } from './json-members.js';

/** How often a write is tried again that met another one. */
const attempts = 3;

type Tools = Pick<ConnectorTools, 'protocol' | 'clock' | 'log' | 'say'>;

/**
 * Prints the sync rules of a connector, the active ones and the draft. With a file, its rules are put in their place
 * first, judged as the service judges what is edited in Kibana: if they are valid they count from the next job on, and
 * otherwise nothing is written, and it rejects with a `ConfigError` that has a line for each fault.
 */
export async function connectorRules(tools: Tools, { id, set, json }: RulesRequest): Promise<number> {
  const { protocol, say } = tools;
  if (set !== null) await setRules(tools, id, readRules(set, new Date(tools.clock.now())));
  const { filtering } = await findConnector(protocol, id);
  const all = { active: activeFiltering(filtering), draft: draftRules(filtering) };
  if (json) {
    say(JSON.stringify(all));
    return exitCodes.complete;
  }
  const isSame = JSON.stringify(all.active['rules']) === JSON.stringify(all.draft['rules']);
  for (const [name, filter] of isSame ? [['Active', all.active] as const] : Object.entries(all)) {
    const validation = members.of(filter['validation']);
    const title = isSame ? 'Active (and draft)' : name === 'active' ? 'Active' : 'Draft';
    say(`${title}: ${members.text(validation['state']) ?? 'not judged'}`);
    for (const line of columns(members.list(filter['rules']).map(ruleCells))) say(`  ${line}`);
    for (const error of members.list(validation['errors'])) {
      const { ids, messages } = members.of(error);
      say(`  Fault in ${members.list(ids).join(', ') || 'the rules'}: ${members.list(messages).join('; ')}`);
    }
    const snippet = members.of(members.of(filter['advanced_snippet'])['value']);
    if (Object.keys(snippet).length > 0) say('  It has an advanced snippet, which the Box connector does not support');
  }
  return exitCodes.complete;
}

async function setRules({ protocol, clock, log }: Tools, id: string, rules: readonly Members[]): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const connector = await findConnector(protocol, id);
    const now = new Date(clock.now());
    const judged = checkDraft(withEditedDraft(connector.filtering, rules, now), now);
    if (judged === null) throw new TransientError(`Cannot judge the rules of the connector "${id}": there is no draft`);
    if (judged.state === 'invalid') {
      throw new ConfigError(
        judged.problems.flatMap(({ messages }) => messages).map((one) => `Cannot use a rule: ${one}`),
      );
    }
    if ((await protocol.changeConnector(id, { filtering: judged.filtering }, connector)) !== undefined) {
      log.info(`${rules.length} rules are active from the next job of the connector "${id}" on`);
      return;
    }
  }
  throw new TransientError(
    `Cannot write the rules of the connector "${id}": it changes all the time, expected a moment in which it stands still. Try again`,
  );
}

/**
 * The rules of a file: a list, or one under `rules` or `sync_rules`. A rule without an id or an order is given one, by
 * its place. Throws a `ConfigError` if there is no list; what is wrong with a rule is found later.
 */
function readRules(path: string, now: Date): readonly Members[] {
  const fault = (found: string) =>
    new ConfigError([
      `Cannot read the rules in "${path}": ${found}, expected YAML or JSON with a list of { policy, field, rule, value }, and id and order if you like`,
    ]);
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw fault(messageOf(error).split('\n')[0] ?? '');
  }
  const found: unknown = Array.isArray(content)
    ? content
    : isRecord(content)
      ? (content['rules'] ?? content['sync_rules'])
      : undefined;
  if (!Array.isArray(found)) throw fault('found no list');
  const at = now.toISOString();
  return found.map((entry: unknown, position) => {
    if (!isRecord(entry)) throw fault(`entry ${position + 1} is no rule`);
    return { id: `rule-${position + 1}`, order: position, created_at: at, ...entry, updated_at: at };
  });
}

function ruleCells(rule: unknown): readonly string[] {
  const found = members.of(rule);
  return ['order', 'id', 'policy', 'field', 'rule', 'value'].map((key) => {
    const value = found[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value ?? null);
  });
}
