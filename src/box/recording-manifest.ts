import { ConfigError } from '../core/errors.js';

/** Name of the manifest's file in the folder of a recording. */
export const manifestFile = 'manifest.json';

const format = 1;

/** What was recorded. */
export interface RecordingManifest {
  /** Where Box was, without credentials. */
  readonly baseUrl: string;
  /** All users of an enterprise, or the token's own account. */
  readonly walk: 'enterprise' | 'account';
}

/** The manifest as it is kept: pretty-printed JSON. */
export function manifestText({ baseUrl, walk }: RecordingManifest): string {
  return `${JSON.stringify({ format, baseUrl: withoutCredentials(baseUrl), walk }, null, 2)}\n`;
}

/** Parses a manifest. `ConfigError` says what of it is wrong; `folder` is for its message. */
export function parseManifest(text: string, folder: string): RecordingManifest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new ConfigError([`Cannot replay "${folder}": its ${manifestFile} is no JSON`], { cause: error });
  }
  const {
    format: found,
    baseUrl,
    walk,
  } = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<string, unknown>;
  const problem = (field: string, expected: string) =>
    `Cannot replay "${folder}": field "${field}" of its ${manifestFile} is missing or wrong, expected ${expected}`;
  if (found !== format) throw new ConfigError([problem('format', `${format}; record it again with this version`)]);
  if (typeof baseUrl !== 'string' || !URL.canParse(baseUrl)) throw new ConfigError([problem('baseUrl', 'a URL')]);
  if (walk !== 'enterprise' && walk !== 'account') {
    throw new ConfigError([problem('walk', 'enterprise or account')]);
  }
  return { baseUrl, walk };
}

function withoutCredentials(baseUrl: string): string {
  const url = new URL(baseUrl);
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  return url.href.replace(/\/+$/, '');
}
