import { createHash } from 'node:crypto';
import type { BoxFile } from '../box/box-item.js';

/** What Elastic's connector extracts text from. */
export const defaultExtensions = [
  'txt', 'py', 'rst', 'html', 'markdown', 'json', 'xml', 'csv', 'md', 'ppt', 'rtf', 'docx', 'odt', 'xls', 'xlsx', 'rb',
  'paper', 'sh', 'pptx', 'pdf', 'doc', 'aspx', 'xlsb', 'xlsm', 'tsv', 'svg', 'msg', 'potx', 'vsd', 'vsdx', 'vsdm',
] as const; // prettier-ignore

export interface ContentGateOptions {
  /** `false`: nothing passes, no file is downloaded. */
  readonly enabled: boolean;
  /** The largest file that passes, inclusive. Default: 10 MiB, as Elastic's connector has it. */
  readonly maxBytes?: number;
  /** With or without the dot, in any case. Default: `defaultExtensions`. */
  readonly extensions?: readonly string[];
}

export type GateDecision = { readonly pass: true } | { readonly pass: false; readonly reason: string };

/** Says, before any request, whether a file's content is worth its download. */
export interface ContentGate {
  /** Changes with every setting that lets other files pass; part of a document's content version. 16 characters. */
  readonly fingerprint: string;
  /** The largest content that may be downloaded; see `limitedBytes`. */
  readonly maxBytes: number;
  check(file: BoxFile): GateDecision;
}

const pass: GateDecision = { pass: true };

/**
 * A file passes that is not empty, not too large and has one of the extensions. A file whose size Box does not tell
 * passes (Elastic's connector leaves it out): the limit is then kept while it is downloaded.
 */
export function contentGate(options: ContentGateOptions): ContentGate {
  const { enabled, maxBytes = 10_485_760, extensions = defaultExtensions } = options;
  const wanted = new Set(extensions.map((extension) => extension.toLowerCase().replace(/^\./, '')));
  const settings = enabled ? [maxBytes, [...wanted].sort()] : [];
  return {
    fingerprint: createHash('sha1').update(JSON.stringify(settings)).digest('hex').slice(0, 16),
    maxBytes,
    check: (file) => {
      if (!enabled) return refuse('text extraction is off');
      const { size } = file;
      if (size !== null && size <= 0) return refuse('empty file');
      const extension = extensionOf(file);
      if (extension === '') return refuse('name without an extension');
      if (!wanted.has(extension)) return refuse(`extension "${extension}" is not extracted`);
      if (size !== null && size > maxBytes) return refuse(`${size} bytes are more than the limit of ${maxBytes}`);
      return pass;
    },
  };
}

/** What stands behind the last dot of a file's name, in lower case and without the dot; empty without a dot. */
export function extensionOf({ name }: Pick<BoxFile, 'name'>): string {
  const dot = name?.lastIndexOf('.') ?? -1;
  return name === null || dot === -1 ? '' : name.slice(dot + 1).toLowerCase();
}

function refuse(reason: string): GateDecision {
  return { pass: false, reason };
}
