import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { BoxModel } from './box-model.js';
import type { Call } from './call.js';
import type { Calls } from './calls.js';
import type { Faults } from './faults.js';
import { parseFaultRule } from './parse-fault-rule.js';
import { patchSettings } from './settings.js';
import type { TokenDesk } from './token-desk.js';
import { truthLines } from './truth-lines.js';

interface Deps {
  readonly box: BoxModel;
  readonly calls: Calls;
  readonly faults: Faults;
  readonly tokens: TokenDesk;
  /** What a client needs to sign in. */
  readonly credentials: object;
  readonly jwtConfig: () => Promise<object>;
}

/** Methods of `BoxModel` and `TokenDesk` that may be called from outside, with an array of arguments as the body. */
const methods: Readonly<Record<'box' | 'tokens', ReadonlySet<string>>> = {
  box: new Set(
    (
      'createFile createFolder createWebLink rename setDescription setTags setOdd newVersion move copy changeOwner trash ' +
      'restore purge share unshare collaborate changeCollaboration removeCollaboration createUser changeUser ' +
      'deactivateUser activateUser deleteUser createGroup addMember removeMember advance expireMarkers find ' +
      'leastListingCalls setNotReady setRepresentation forbidDownload forgetEvents'
    ).split(' '),
  ),
  tokens: new Set(['issueAccessToken', 'issueRefreshToken', 'expireAccessTokens', 'revokeRefreshTokens']),
};

/**
 * The admin API, JSON both ways:
 *
 * - `POST /_simulator/box/METHOD` and `/_simulator/tokens/METHOD`: calls a method, arguments as an array:
 *   `POST /_simulator/box/rename` with `[{"type":"file","id":"1"}, "new name"]`
 * - `GET /_simulator/truth[?text=true][&entry=true]`: every item that a crawl must find, as NDJSON
 * - `GET /_simulator/calls`, `DELETE` to begin anew; `GET /_simulator/calls/recent`
 * - `GET /_simulator/settings`, `PATCH` to change some
 * - `GET /_simulator/faults`, `POST` a rule, `DELETE` all or `/_simulator/faults/ID`
 * - `GET /_simulator/users`, `GET /_simulator/credentials`, `POST /_simulator/jwt-config`
 */
export async function adminAnswer(call: Call, deps: Deps, response: ServerResponse): Promise<void> {
  if (call.method === 'GET' && call.path === '/_simulator/truth') {
    await sendTruth(call, deps.box, response);
    return;
  }
  let status = 200;
  let answer: unknown;
  try {
    answer = await resultOf(call, deps);
    if (answer === undefined) answer = { done: true };
  } catch (error) {
    status = 400;
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  const body = Buffer.from(JSON.stringify(answer));
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response.end(body);
}

async function resultOf(call: Call, deps: Deps): Promise<unknown> {
  const { box, calls, faults, tokens } = deps;
  const [, , what = '', name = ''] = call.path.split('/');
  switch (`${call.method} ${what}`) {
    case 'POST box':
      return invoke('box', box, name, call.body);
    case 'POST tokens':
      return invoke('tokens', tokens, name, call.body);
    case 'GET calls':
      return name === 'recent' ? calls.recent : calls;
    case 'DELETE calls':
      calls.reset();
      return calls;
    case 'GET settings':
      return box.settings;
    case 'PATCH settings':
      patchSettings(box.settings, objectOf(call.body));
      return box.settings;
    case 'GET faults':
      return faults.list();
    case 'POST faults':
      return faults.add(parseFaultRule(objectOf(call.body)));
    case 'DELETE faults':
      if (name === '') faults.clear();
      else faults.remove(Number(name));
      return faults.list();
    case 'GET users':
      return [...box.people.users()];
    case 'GET credentials':
      return deps.credentials;
    case 'POST jwt-config':
      return deps.jwtConfig();
    default:
      throw new TypeError(`Cannot answer ${call.method} "${call.path}": the admin API has no such address`);
  }
}

function invoke(owner: 'box' | 'tokens', target: object, name: string, body: string): unknown {
  const method: unknown = methods[owner].has(name) ? Reflect.get(target, name) : undefined;
  if (typeof method !== 'function') {
    throw new TypeError(`Cannot call "${name}": expected one of ${[...methods[owner]].join(', ')}`);
  }
  const args: unknown = body === '' ? [] : JSON.parse(body);
  if (!Array.isArray(args)) throw new TypeError(`Cannot call "${name}": expected an array of arguments as the body`);
  return plain(Reflect.apply(method, target, args));
}

/** Items hold buffers and maps: these are left out. */
function plain(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || !('version' in result)) return result;
  return { ...result, version: undefined, earlier: undefined, odd: undefined };
}

function objectOf(body: string): object {
  const value: unknown = JSON.parse(body);
  if (typeof value !== 'object' || value === null) throw new TypeError('Cannot read the body: expected a JSON object');
  return value;
}

async function sendTruth({ query }: Call, box: BoxModel, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  const options = { withText: query.get('text') === 'true', withEntry: query.get('entry') === 'true' };
  let chunk = '';
  for (const line of truthLines(box.truth(), options)) {
    chunk += line;
    if (chunk.length < 1 << 16) continue;
    if (response.destroyed) return;
    const hasRoom = response.write(chunk);
    chunk = '';
    if (!hasRoom) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end(chunk);
}
