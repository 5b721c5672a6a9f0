/** A person as Box names one inside another object. Anonymous actors have the id `""` or `"2"`. */
export interface BoxUserMini {
  readonly type: string;
  readonly id: string;
  readonly name: string | null;
  readonly login: string | null;
}

/** A folder as Box names one inside another object. */
export interface BoxFolderMini {
  readonly type: string;
  readonly id: string;
  readonly sequence_id: string | null;
  readonly etag: string | null;
  readonly name: string | null;
}

export interface BoxFileVersion {
  readonly type: string;
  readonly id: string;
  readonly sha1: string | null;
}

export interface BoxSharedLink {
  readonly url: string | null;
  readonly download_url: string | null;
  readonly vanity_url: string | null;
  readonly vanity_name: string | null;
  readonly access: string | null;
  readonly effective_access: string | null;
  readonly effective_permission: string | null;
  readonly unshared_at: string | null;
  readonly is_password_enabled: boolean | null;
}

export interface BoxClassification {
  readonly name: string | null;
  readonly definition: string | null;
  readonly color: string | null;
}

/** What files, folders and web links have in common, under Box's own names. What Box did not send is `null`. */
interface BoxItemCommon {
  readonly id: string;
  readonly etag: string | null;
  readonly sequence_id: string | null;
  readonly name: string | null;
  readonly description: string | null;
  /** RFC 3339 with the enterprise's offset, as Box sent it. */
  readonly created_at: string | null;
  readonly modified_at: string | null;
  readonly created_by: BoxUserMini | null;
  readonly modified_by: BoxUserMini | null;
  readonly owned_by: BoxUserMini | null;
  readonly parent: BoxFolderMini | null;
  readonly item_status: string | null;
  readonly shared_link: BoxSharedLink | null;
}

export interface BoxFile extends BoxItemCommon {
  readonly type: 'file';
  /** Bytes; `null` when Box does not say. */
  readonly size: number | null;
  readonly content_created_at: string | null;
  readonly content_modified_at: string | null;
  readonly sha1: string | null;
  readonly file_version: BoxFileVersion | null;
  readonly extension: string | null;
  readonly tags: readonly string[] | null;
  readonly classification: BoxClassification | null;
}

export interface BoxFolder extends BoxItemCommon {
  readonly type: 'folder';
  /** Bytes of everything below; changes with every file there. */
  readonly size: number | null;
  readonly content_created_at: string | null;
  readonly content_modified_at: string | null;
  readonly tags: readonly string[] | null;
  readonly classification: BoxClassification | null;
}

export interface BoxWebLink extends BoxItemCommon {
  readonly type: 'web_link';
  readonly url: string | null;
}

/** A file, folder or web link as Box listed it, parsed once at the border (`parseItem`). */
export type BoxItem = BoxFile | BoxFolder | BoxWebLink;
