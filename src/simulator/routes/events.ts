import { randomBytes } from 'node:crypto';
import { badParameter, insufficientScope, noPermission, ok, type Answer } from '../answer.js';
import type { BoxModel } from '../box-model.js';
import type { Call } from '../call.js';
import { adminEventJson, positionOf, sequenceOf, userEventJson, type LoggedEvent } from '../event-log.js';
import { jsonText } from '../json-text.js';
import { isAnswer, type Handler } from './handler.js';
import { isAdministrator } from './users.js';

type Stream = 'all' | 'changes' | 'sync' | 'admin_logs' | 'admin_logs_streaming';

const maxLimit = 500;
const logRetentionMs = 365 * 86_400_000;

/** `GET /2.0/events`, the streams of users and of the enterprise. */
export const listEvents: Handler = ({ query }, acting, { box }) => {
  const name = query.get('stream_type') ?? 'all';
  if (!isStream(name)) return badParameter('stream_type', `Invalid value '${name}'.`);
  const isAdminStream = name === 'admin_logs' || name === 'admin_logs_streaming';
  if (isAdminStream) {
    if (!acting.scopes.has('manage_enterprise_properties')) return insufficientScope;
    if (!isAdministrator(box, acting)) return noPermission;
  }
  const limitText = query.get('limit') ?? '100';
  if (!/^\d+$/.test(limitText)) return badParameter('limit', `Invalid value '${limitText}'.`, 'invalid_limit');
  const { chunk, duplicates, shuffled, emptyAdminPosition } = box.settings.events;
  const limit = Math.min(Number(limitText), maxLimit, chunk > 0 ? chunk : maxLimit);
  const wanted = query.get('stream_position') ?? '0';
  if (wanted === 'now' && name !== 'admin_logs') return pageJson(box, [], box.events.latest);
  const after = startOf(wanted, box);
  if (isAnswer(after)) return after;

  const shows = isAdminStream ? adminFilter(query, name, box) : userFilter(name, acting.userId);
  const { events, next } = box.events.read(after.sequence, limit, shows);
  const isOrdered = name === 'admin_logs';
  const repeated = isOrdered || events.length === 0 ? [] : box.events.before(after.sequence, duplicates, shows);
  const page = [...repeated, ...events];
  if (shuffled && !isOrdered) page.reverse();
  const person = (id: string) => box.people.miniJson(id);
  const render = (event: LoggedEvent): string =>
    isAdminStream ? adminEventJson(event, person) : userEventJson(event, acting.userId, person);
  const isReset = isOrdered && events.length === 0 && emptyAdminPosition === 'zero';
  return pageJson(box, page.map(render), isReset ? undefined : next);
};

/** `OPTIONS /2.0/events`: where to wait for news. */
export const realtimeServer: Handler = ({ query, origin }, { userId }, { box }) => {
  const stream = query.get('stream_type') ?? 'all';
  const url = `${origin}/subscribe?channel=${randomBytes(12).toString('hex')}.${userId}&stream_type=${stream}`;
  const entry = {
    type: 'realtime_server',
    url,
    ttl: '10',
    max_retries: '10',
    retry_timeout: Math.round(box.settings.events.longPollMs / 1000),
  };
  return ok(jsonText({ chunk_size: 1, entries: [entry] }));
};

/** `GET /subscribe`: answers when something has happened after the position, or when it has waited long enough. */
export async function longPoll({ query, signal }: Call, box: BoxModel): Promise<Answer> {
  const [, userId = ''] = (query.get('channel') ?? '').split('.');
  const name = query.get('stream_type') ?? 'all';
  const shows = userFilter(isStream(name) ? name : 'all', userId);
  const position = query.get('stream_position');
  const after = position === null ? box.events.latest : (sequenceOf(position) ?? box.events.latest);
  if (box.events.read(after, 1, shows).events.length > 0) return news;
  return new Promise((resolve) => {
    const end = (answer: Answer): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      stop();
      resolve(answer);
    };
    const abort = (): void => end(reconnect);
    const timer = setTimeout(abort, box.settings.events.longPollMs);
    const stop = box.events.watch((event) => {
      if (shows(event)) end(news);
    });
    signal.addEventListener('abort', abort);
  });
}

const news = ok('{"message":"new_change"}');
const reconnect = ok('{"version":1,"message":"reconnect"}');

function isStream(name: string): name is Stream {
  return ['all', 'changes', 'sync', 'admin_logs', 'admin_logs_streaming'].includes(name);
}

function startOf(position: string, { events, settings }: BoxModel): { readonly sequence: number } | Answer {
  if (position === 'now') return { sequence: events.latest };
  const sequence = sequenceOf(position);
  const isKnown = sequence !== undefined && sequence <= events.latest;
  const isForgotten = sequence !== undefined && sequence > 0 && sequence < events.forgotten;
  if (isKnown && (!isForgotten || settings.events.expired === 'oldest')) return { sequence };
  return badParameter('stream_position', `Invalid value '${position}'.`);
}

function userFilter(stream: Stream, userId: string): (event: LoggedEvent) => boolean {
  return ({ userType, viewers, changeViewers, isTreeChange }) => {
    if (userType === null || !viewers.has(userId)) return false;
    return stream === 'all' || (isTreeChange && (changeViewers?.has(userId) ?? true));
  };
}

function adminFilter(query: URLSearchParams, stream: Stream, box: BoxModel): (event: LoggedEvent) => boolean {
  const types = query.get('event_type')?.split(',');
  const isDated = stream === 'admin_logs';
  const oldest = isDated ? box.now() - logRetentionMs : -Infinity;
  const after = isDated ? Date.parse(query.get('created_after') ?? '') : NaN;
  const before = isDated ? Date.parse(query.get('created_before') ?? '') : NaN;
  return ({ adminType, at }) =>
    adminType !== null && (types?.includes(adminType) ?? true) && at >= oldest && !(at < after) && !(at > before);
}

function pageJson(box: BoxModel, entries: readonly string[], next: number | undefined): Answer {
  const position = next === undefined ? '0' : positionOf(next);
  const sent = box.settings.events.positions === 'string' ? `"${position}"` : position;
  return ok(`{"chunk_size":${entries.length},"next_stream_position":${sent},"entries":[${entries.join(',')}]}`);
}
