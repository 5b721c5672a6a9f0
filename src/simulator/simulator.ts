import { generateKeyPair, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { adminAnswer } from './admin.js';
import { boxError, type Answer } from './answer.js';
import type { BoxModel } from './box-model.js';
import { buildBox } from './build-box.js';
import type { Call, Route } from './call.js';
import { Calls } from './calls.js';
import { Faults, type FaultAnswer } from './faults.js';
import { listen, send } from './http-server.js';
import { presetNamed, type Preset } from './presets.js';
import { rateLimit } from './rate-limit.js';
import { DownloadLinks } from './routes/download-links.js';
import { longPoll } from './routes/events.js';
import { download } from './routes/file-content.js';
import { isAnswer, type Desk } from './routes/handler.js';
import { refusalFor, resourceOf, unknownResource, type Resource } from './routes/router.js';
import { defaultSettings, patchSettings, type Settings, type SettingsPatch } from './settings.js';
import { TokenDesk } from './token-desk.js';
import type { TreeShape } from './tree-shape.js';
import type { JwtKey } from './verify-assertion.js';

export interface SimulatorOptions {
  /** Name of a preset (`presetNames`), a preset of one's own, or a shape. Default `demo`. */
  readonly tree?: string | Preset | TreeShape;
  /** Default 0: a free one. */
  readonly port?: number;
  /** A personal account (`free`) has no enterprise: only OAuth tokens, no list of users. Default `enterprise`. */
  readonly account?: 'enterprise' | 'free';
  readonly settings?: SettingsPatch;
  /** Default `box-client`, `box-secret` and `1234567`. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly enterpriseId?: string;
  /** A refresh token that is good for the first user. Default `first-refresh-token`. */
  readonly refreshToken?: string;
  /** Public keys for the JWT grant, besides the one that `jwtConfig` makes. */
  readonly keys?: readonly JwtKey[];
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** From 0 to below 1, for latencies that are drawn. Default `Math.random`. */
  readonly random?: () => number;
  /** Told of each request before it is answered, those of the admin API left out: what it changes, the answer shows. */
  readonly onRequest?: (call: Pick<Call, 'route' | 'id'>) => void;
}

/** What a client needs to sign in. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly enterpriseId: string;
  /** Good for one exchange, for the first user. */
  readonly refreshToken: string;
  /** The first user, who is the administrator. */
  readonly userId: string;
}

/** The developer console's `config.json`. */
export interface JwtConfig {
  readonly boxAppSettings: {
    readonly clientID: string;
    readonly clientSecret: string;
    readonly appAuth: { readonly publicKeyID: string; readonly privateKey: string; readonly passphrase: string };
  };
  readonly enterpriseID: string;
}

export interface Simulator {
  /** `http://127.0.0.1:PORT`: API (`/2.0`), `/oauth2/token`, downloads, `/_simulator`. */
  readonly url: string;
  readonly port: number;
  /** To look at and to change. */
  readonly box: BoxModel;
  readonly calls: Calls;
  readonly faults: Faults;
  readonly tokens: TokenDesk;
  readonly credentials: Credentials;
  /** Registers a key pair and gives the configuration for it, with an encrypted PKCS#8 key. */
  jwtConfig(): Promise<JwtConfig>;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** Starts a Box on loopback. It holds the changed items, 100,000 events and 10,000 tokens at most. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { clientId = 'box-client', clientSecret = 'box-secret', enterpriseId = '1234567' } = options;
  const settings = defaultSettings();
  patchSettings(settings, options.settings ?? {});
  const box = buildBox(presetOf(options.tree ?? 'demo'), {
    settings,
    now: options.now ?? Date.now,
    enterpriseId: options.account === 'free' ? null : enterpriseId,
  });
  const keys: JwtKey[] = [...(options.keys ?? [])];
  const tokens = new TokenDesk(box, { clientId, clientSecret, keys });
  const calls = new Calls();
  const faults = new Faults();
  const clock = () => box.now();
  const [firstUser] = box.people.managed();
  const userId = firstUser?.id ?? box.serviceAccountId;
  const refreshToken = tokens.issueRefreshToken(userId, options.refreshToken ?? 'first-refresh-token');
  const credentials: Credentials = { clientId, clientSecret, enterpriseId, refreshToken, userId };
  const desk: Desk = { box, calls, links: new DownloadLinks(clock) };
  const isLimited = rateLimit(settings, clock);

  const server = await listen(options.port ?? 0, (request, response) => {
    void serve(request, response);
  });
  const url = `http://127.0.0.1:${server.port}`;

  /** What needs no token. */
  const openRoutes: Partial<Record<Route, (call: Call) => Answer | Promise<Answer>>> = {
    token: (call) => tokens.token(call),
    revoke: (call) => tokens.revoke(call),
    authorize: (call) => tokens.authorize(call),
    download: (call) => download(call, desk),
    'long-poll': (call) => longPoll(call, box),
  };

  async function jwtConfig(): Promise<JwtConfig> {
    const passphrase = randomBytes(8).toString('hex');
    const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase },
    });
    const publicKeyID = randomBytes(4).toString('hex');
    keys.push({ id: publicKeyID, publicKey });
    const appAuth = { publicKeyID, privateKey, passphrase };
    return { boxAppSettings: { clientID: clientId, clientSecret, appAuth }, enterpriseID: enterpriseId };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '/';
    const [path, search] = split(target);
    const method = request.method ?? 'GET';
    const body = method === 'GET' ? '' : await bodyOf(request);
    const { route, id, resource } = find(method, path);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const query = new URLSearchParams(search);
    const call: Call = {
      method,
      path,
      query,
      headers: request.headers,
      body,
      route,
      id,
      origin: url,
      signal: gone.signal,
    };
    if (path.startsWith('/_simulator/')) {
      await adminAnswer(call, { box, calls, faults, tokens, credentials, jwtConfig }, response);
      return;
    }
    options.onRequest?.(call);
    const fault = faults.next(call, target);
    if (fault) calls.countFault();
    const answer = await answerOf(call, resource, fault);
    const delay = delayOf(settings.latencyMs, fault, options.random ?? Math.random);
    if (delay > 0) await wait(delay, gone.signal);
    calls.count({ route, method, path: target, status: answer.status, asUser: asUserOf(request) });
    if (gone.signal.aborted) return;
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    const date = new Date(box.now() + settings.clockSkewMs).toUTCString();
    const requestId = randomBytes(8).toString('hex');
    send(response, { answer, fault, date, requestId, headerCase: settings.headerCase });
  }

  async function answerOf(call: Call, resource: Resource | undefined, fault: FaultAnswer | undefined): Promise<Answer> {
    if (fault?.kind === 'answer') {
      const { status, headers = {}, body = '' } = fault;
      return { status, headers, body: Buffer.from(body) };
    }
    if (fault?.kind === 'html') {
      const body = '<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>';
      return { status: fault.status ?? 502, headers: { 'Content-Type': 'text/html' }, body };
    }
    if (fault?.kind === 'reset' && fault.after !== true) return { status: 0 };
    try {
      return await trueAnswer(call, resource);
    } catch (error) {
      return boxError(500, 'internal_server_error', `The simulator failed: ${String(error)}`);
    }
  }

  async function trueAnswer(call: Call, resource: Resource | undefined): Promise<Answer> {
    const open = openRoutes[call.route];
    if (open) return open(call);
    const acting = tokens.authenticate(call);
    if (isAnswer(acting)) return acting;
    calls.countUser(acting.userId);
    const refusal = isLimited(acting.userId);
    if (refusal) return refusal;
    if (!resource) return unknownResource(call);
    return refusalFor(resource, acting.scopes) ?? resource.handle(call, acting, desk);
  }

  return {
    url,
    port: server.port,
    box,
    calls,
    faults,
    tokens,
    credentials,
    jwtConfig,
    close: () => server.close(),
  };
}

function presetOf(tree: string | Preset | TreeShape): Preset {
  if (typeof tree === 'string') return presetNamed(tree);
  return 'shape' in tree ? tree : { shape: tree };
}

const otherPaths: ReadonlyMap<string, Route> = new Map([
  ['POST /oauth2/token', 'token'],
  ['POST /oauth2/revoke', 'revoke'],
  ['GET /api/oauth2/authorize', 'authorize'],
  ['GET /subscribe', 'long-poll'],
]);

function find(method: string, path: string): { route: Route; id: string; resource: Resource | undefined } {
  const api = path.startsWith('/2.0/') ? path.slice(5) : path.startsWith('/api/2.0/') ? path.slice(9) : undefined;
  if (api !== undefined) {
    const { resource, id } = resourceOf(method, api);
    return { route: resource?.route ?? 'other', id, resource };
  }
  if (path.startsWith('/d/1/')) return { route: 'download', id: '', resource: undefined };
  return { route: otherPaths.get(`${method} ${path}`) ?? 'other', id: '', resource: undefined };
}

function split(target: string): [path: string, search: string] {
  const mark = target.indexOf('?');
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8');
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

function asUserOf({ headers }: IncomingMessage): string | undefined {
  const asUser = headers['as-user'];
  return typeof asUser === 'string' ? asUser : undefined;
}

function delayOf(latencyMs: Settings['latencyMs'], fault: FaultAnswer | undefined, random: () => number): number {
  const usual = typeof latencyMs === 'number' ? latencyMs : latencyMs[0] + random() * (latencyMs[1] - latencyMs[0]);
  return usual + (fault?.kind === 'delay' ? fault.ms : 0);
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
