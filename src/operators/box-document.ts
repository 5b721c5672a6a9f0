import type { BoxClassification, BoxFileVersion, BoxFolderMini, BoxSharedLink, BoxUserMini } from '../box/box-item.js';
import type { Found } from '../sources/change.js';

/**
 * The document of one Box item: Elastic's fields under Elastic's names, and ours. Every field is always present, `null`
 * where Box has none, since partial updates merge and would leave a value that has gone. Dates are UTC, to the second.
 */
export interface BoxDocument {
  readonly id: string;
  readonly _timestamp: string | null;
  readonly type: string;
  readonly name: string | null;
  /** Bytes; of a folder: everything below it. */
  readonly size: number | null;
  readonly sequence_id: string | null;
  readonly etag: string | null;
  readonly created_at: string | null;
  readonly modified_at: string | null;
  readonly content_created_at: string | null;
  readonly content_modified_at: string | null;
  readonly description: string | null;
  readonly item_status: string | null;
  readonly created_by: BoxUserMini | null;
  readonly modified_by: BoxUserMini | null;
  readonly owned_by: BoxUserMini | null;
  readonly parent: BoxFolderMini | null;
  /** `/A/b.txt`: below the owner's root, own name included. */
  readonly path: string;
  /** Ids of the folders above it, from `0` down. */
  readonly ancestors: readonly string[];
  /** A web link's target, else the page of the item in Box. */
  readonly url: string | null;
  readonly extension: string | null;
  readonly sha1: string | null;
  readonly file_version: BoxFileVersion | null;
  readonly shared_link: BoxSharedLink | null;
  readonly tags: readonly string[] | null;
  readonly classification: BoxClassification | null;
}

/** The default mapping. It never throws: a date that is none is `null`, as `parseItem` has it. */
export function boxDocument({ item, documentId, path, ancestors }: Found): BoxDocument {
  const createdAt = utc(item.created_at);
  const modifiedAt = utc(item.modified_at);
  const isLink = item.type === 'web_link';
  const isFile = item.type === 'file';
  return {
    id: documentId,
    _timestamp: modifiedAt,
    type: item.type,
    name: item.name,
    size: isLink ? null : item.size,
    sequence_id: item.sequence_id,
    etag: item.etag,
    created_at: createdAt,
    modified_at: modifiedAt,
    // As a rule the dates of the content are those of the file.
    content_created_at: isLink
      ? null
      : item.content_created_at === item.created_at
        ? createdAt
        : utc(item.content_created_at),
    content_modified_at: isLink
      ? null
      : item.content_modified_at === item.modified_at
        ? modifiedAt
        : utc(item.content_modified_at),
    description: item.description,
    item_status: item.item_status,
    created_by: item.created_by,
    modified_by: item.modified_by,
    owned_by: item.owned_by,
    parent: item.parent,
    path,
    ancestors,
    url: isLink ? item.url : `https://app.box.com/${item.type}/${item.id}`,
    extension: isFile ? item.extension : null,
    sha1: isFile ? item.sha1 : null,
    file_version: isFile ? item.file_version : null,
    shared_link: item.shared_link,
    tags: isLink ? null : item.tags,
    classification: isLink ? null : item.classification,
  };
}

/** What changes the documents of unchanged items: to be raised with every change of the mapping. */
export const boxDocumentVersion = 'box-1';

const boxDate = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d[+-]\d\d:\d\d$/;

/** `2023-08-04T03:17:55-07:00` -> `2023-08-04T10:17:55Z`. */
function utc(text: string | null): string | null {
  if (text === null) return null;
  if (boxDate.test(text)) {
    // Most instants stay on their day: moving the clock is a fifth of the cost of going through Date.
    const offset = Number(text.slice(20, 22)) * 60 + Number(text.slice(23));
    const clock = Number(text.slice(11, 13)) * 60 + Number(text.slice(14, 16)) - (text[19] === '-' ? -offset : offset);
    if (clock >= 0 && clock < 1_440) {
      const hours = Math.trunc(clock / 60);
      return `${text.slice(0, 11)}${twoDigits(hours)}:${twoDigits(clock - hours * 60)}${text.slice(16, 19)}Z`;
    }
  }
  const instant = Date.parse(text);
  const utcText = Number.isNaN(instant) ? '' : new Date(instant).toISOString();
  // Of another length where the year needs more than four digits.
  return utcText.length === 24 ? `${utcText.slice(0, 19)}Z` : null;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
