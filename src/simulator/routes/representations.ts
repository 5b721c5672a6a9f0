import { ok, notFound, type Answer } from '../answer.js';
import type { BoxModel } from '../box-model.js';
import { extensionOf, type Item } from '../item.js';
import { isAnswer, type Handler } from './handler.js';
import { visibleItem } from './visible-item.js';

const withText: ReadonlySet<string> = new Set(
  'boxnote boxcanvas doc docx gdoc gsheet gslides html msg odt ods odp pdf ppt pptx rtf xls xlsx csv tsv xml txt md json yaml log py js java'.split(
    ' ',
  ),
);

/** The entries that `fields=representations` shows for the header `x-rep-hints`. */
export function representationsJson(file: Item, hints: string, box: BoxModel, origin: string): string {
  if (!hints.includes('[extracted_text]') || !withText.has(extensionOf(file.name).toLowerCase())) return '';
  return entryJson(file, stateOf(file, box), origin);
}

/** `GET /2.0/internal_files/{id}/versions/{version}/representations/extracted_text`: starts it, and tells how it stands. */
export function representationInfo(): Handler {
  return (call, acting, { box }) => {
    const visible = visibleItem(box, acting, call, 'file', call.id);
    if (isAnswer(visible)) return visible;
    const { item } = visible;
    const state = stateOf(item, box);
    if (state === 'none' || state === 'pending') advance(item, state, box);
    return ok(entryJson(item, stateOf(item, box), call.origin));
  };
}

/** `GET /api/2.0/internal_files/.../content/`: the text itself; needs the token, unlike downloads. */
export function representationContent(): Handler {
  return (call, acting, { box }): Answer => {
    const visible = visibleItem(box, acting, call, 'file', call.id);
    if (isAnswer(visible)) return visible;
    const { item } = visible;
    if (stateOf(item, box) !== 'success') return notFound('representation', 'extracted_text');
    const bytes = box.contents.bytes(item.version.content);
    return { status: 200, headers: { 'Content-Type': 'text/plain; charset=UTF-8' }, body: bytes };
  };
}

type State = 'none' | 'pending' | 'success' | 'error';

function stateOf(file: Item, box: BoxModel): State {
  return box.representationStates.get(file.id) ?? box.settings.representations.initial;
}

function advance(file: Item, state: State, box: BoxModel): void {
  const waits = box.settings.representations.pending;
  const left = state === 'none' ? waits : (box.pendingPolls.get(file.id) ?? waits) - 1;
  box.pendingPolls.set(file.id, left);
  box.representationStates.set(file.id, left > 0 ? 'pending' : 'success');
}

function entryJson({ id, version }: Item, state: State, origin: string): string {
  const path = `internal_files\\/${id}\\/versions\\/${version.id}\\/representations\\/extracted_text`;
  const base = origin.replaceAll('/', '\\/');
  const code = state === 'error' ? ',"code":"error_unsupported_format"' : '';
  return (
    `{"representation":"extracted_text","properties":{},"info":{"url":"${base}\\/2.0\\/${path}"},` +
    `"status":{"state":"${state}"${code}},` +
    `"content":{"url_template":"${base}\\/api\\/2.0\\/${path}\\/content\\/{+asset_path}"}}`
  );
}
