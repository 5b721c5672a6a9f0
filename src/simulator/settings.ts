/** How the simulated Box behaves. May be changed while it runs: every request looks anew. */
export interface Settings {
  /** Added to every answer, in milliseconds: fixed, or drawn between two. Default 0. */
  latencyMs: number | readonly [least: number, most: number];
  /** How far the `Date` header and token times are ahead of the real clock. Default 0. */
  clockSkewMs: number;
  paging: {
    /** How the end of a list looks in marker mode. Default `null`. */
    lastMarker: 'null' | 'empty' | 'absent';
    /** Shape of `order`. Default: an array with offsets, absent with markers. */
    order: 'usual' | 'object' | 'array' | 'absent';
    /** Highest offset of folder items. Default 300,000. */
    maxOffset: number;
    /** Highest offset of users, groups, memberships and the trash. Default 10,000. */
    maxOffsetElsewhere: number;
    /** At most so many entries on a page, whatever the limit says. Default 0: no such bound. */
    shortPages: number;
    /** In marker mode, an empty page with a marker before each page that begins beyond the first entry. Default false. */
    emptyPages: boolean;
    /** In offset mode of a root, so many offsets at its start show nothing; `total_count` counts them. Default 0. */
    deadOffsets: number;
  };
  content: {
    /** How often a file that was uploaded while running answers 202 first. Default 0. */
    notReady: number;
    /** `Retry-After` of these answers, as it is sent. Default `"1"`. */
    retryAfter: string;
    /** How long a download address works, in seconds. Default 900. */
    linkSeconds: number;
  };
  representations: {
    /** Extracted text stays `pending` for so many requests after it has been asked for. Default 0. */
    pending: number;
    /** State before anybody asks. Default `success`. */
    initial: 'none' | 'success';
  };
  events: {
    /** How positions are sent. Default `number`. */
    positions: 'number' | 'string';
    /** Each page of a user stream or of `admin_logs_streaming` repeats so many events from before it. Default 0. */
    duplicates: number;
    /** At most so many events in an answer. Default 0: as the limit says. */
    chunk: number;
    /** Whether pages of the unordered streams come in reversed order. Default false. */
    shuffled: boolean;
    /** Events appear so many milliseconds late. Default 0. */
    delayMs: number;
    /** Position of an empty page of `admin_logs`. Default `zero`. */
    emptyAdminPosition: 'zero' | 'current';
    /** What a position older than the memory of the stream gets. Default `error` (400). */
    expired: 'error' | 'oldest';
    /** Whether downloads are events. Default true. */
    downloads: boolean;
    /** How long a long poll waits, in milliseconds. Default 610,000. */
    longPollMs: number;
    /** Events kept; the oldest fall out. Default 100,000. */
    memory: number;
  };
  tokens: {
    /** Lifetime of access tokens in seconds. Default 3,600. */
    expiresIn: number;
    /** For so many seconds a spent refresh token gives the same new pair again. Default 0. */
    graceSeconds: number;
    /** Lifetime of refresh tokens in seconds. Default 60 days. */
    refreshExpiresIn: number;
  };
  app: {
    /** Whether an administrator has authorised the app. Default true. */
    authorized: boolean;
    /** Whether the app may call as other users. Default true. */
    asUser: boolean;
    /** Whether it may sign in as a managed user (`box_subject_type=user`). Default true. */
    userTokens: boolean;
    /** What tokens may do. Default: everything a crawl needs. */
    scopes: readonly string[];
  };
  rate: {
    /** Calls per minute and acting user. Default 0: no limit. */
    callsPerMinute: number;
    /** Calls that may come at once. Default: those of one second, at least 1. */
    burst: number;
    /** `retry-after` of a 429, as it is sent; empty: the seconds until the next call is allowed. */
    retryAfter: string;
  };
  /** What calls as (or of) an inactive user get. Default 401. */
  inactiveStatus: 401 | 403;
  /** Whether collaborations of an item include those of the folders above. Default false. */
  inheritedCollaborations: boolean;
  /** What ids of items may be: Box has numbers, Elastic's simulated Box `folder_number_0`. Others get 405. Default `numbers`. */
  ids: 'numbers' | 'any';
  /** `Title-Case`, as Node sends them, or `lower`. Default `title`. */
  headerCase: 'title' | 'lower';
}

/** Part of `Settings`, to any depth of two. */
export type SettingsPatch = {
  readonly [Key in keyof Settings]?: Settings[Key] extends string | number | boolean | readonly unknown[]
    ? Settings[Key]
    : Partial<Settings[Key]>;
};

/** The settings of a Box that has no whims. */
export function defaultSettings(): Settings {
  return {
    latencyMs: 0,
    clockSkewMs: 0,
    paging: {
      lastMarker: 'null',
      order: 'usual',
      maxOffset: 300_000,
      maxOffsetElsewhere: 10_000,
      shortPages: 0,
      emptyPages: false,
      deadOffsets: 0,
    },
    content: { notReady: 0, retryAfter: '1', linkSeconds: 900 },
    representations: { pending: 0, initial: 'success' },
    events: {
      positions: 'number',
      duplicates: 0,
      chunk: 0,
      shuffled: false,
      delayMs: 0,
      emptyAdminPosition: 'zero',
      expired: 'error',
      downloads: true,
      longPollMs: 610_000,
      memory: 100_000,
    },
    tokens: { expiresIn: 3_600, graceSeconds: 0, refreshExpiresIn: 60 * 86_400 },
    app: {
      authorized: true,
      asUser: true,
      userTokens: true,
      scopes: [
        'root_readonly',
        'root_readwrite',
        'manage_managed_users',
        'manage_groups',
        'manage_enterprise_properties',
      ],
    },
    rate: { callsPerMinute: 0, burst: 0, retryAfter: '' },
    inactiveStatus: 401,
    inheritedCollaborations: false,
    ids: 'numbers',
    headerCase: 'title',
  };
}

/** Changes settings in place. Groups are merged, everything else is replaced. Unknown names are refused. */
export function patchSettings(settings: Settings, patch: object): void {
  merge(settings, patch, '');
}

function merge(target: object, patch: object, path: string): void {
  for (const [key, value] of Object.entries(patch) as [string, unknown][]) {
    const place = path + key;
    if (!Object.hasOwn(target, key)) throw new TypeError(`Cannot change setting "${place}": there is no such setting`);
    const known: unknown = Reflect.get(target, key);
    if (isGroup(known)) {
      if (!isGroup(value)) throw new TypeError(`Cannot change setting "${place}": expected an object`);
      merge(known, value, `${place}.`);
    } else {
      Reflect.set(target, key, value);
    }
  }
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
