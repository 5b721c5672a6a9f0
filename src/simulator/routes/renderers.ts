import { itemRenderer, type ItemRenderer, type Variant } from '../render-item.js';

const most = 200;

/** Renderers by `fields` parameter; the last 200 are kept. */
export function renderers(): (fields: string | null, otherwise: Variant) => ItemRenderer {
  const known = new Map<string, ItemRenderer>();
  return (fields, otherwise) => {
    const key = fields ?? `:${otherwise}`;
    const renderer = known.get(key) ?? itemRenderer(fields === null ? otherwise : fields.split(','));
    if (known.size >= most) known.clear();
    known.set(key, renderer);
    return renderer;
  };
}
