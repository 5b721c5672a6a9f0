import { from, map } from 'rxjs';
import { localIndex } from '../sinks/local-index.js';
import { createLocalIndex } from '../sinks/local-index-file.js';
import { indexedPage } from '../sinks/indexed-page.js';
import { countLocalIndex, readLocalIndex } from '../sinks/read-local-index.js';
import { inPages } from './in-pages.js';
import { lookAtFile } from './look-at-file.js';
import type { Target } from './target.js';

/** The embedded index, for trying things out without a cluster. */
export function localIndexTarget({ path }: { readonly path: string }): Target {
  return {
    name: `the local index "${path}"`,
    sink: localIndex({ path }),
    look: () => Promise.resolve(lookAtFile(path)),
    prepare() {
      const { created } = lookAtFile(path);
      createLocalIndex(path).close();
      return Promise.resolve({ uuid: lookAtFile(path).uuid, created });
    },
    count: () => Promise.resolve(countLocalIndex(path)),
    documents: (isEnterprise) =>
      from(inPages(readLocalIndex(path), 1_000)).pipe(
        map((page) =>
          indexedPage(
            page.map(({ id, document }) => [id, document] as const),
            isEnterprise,
          ),
        ),
      ),
    requests: () => 0,
    bulk: null,
    close: () => Promise.resolve(),
  };
}
