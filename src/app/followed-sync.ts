import type { ConnectorFigures } from '../endpoint/connector-figures.js';
import { countedDownloads } from './counted-downloads.js';
import { settledBytes } from './settled-bytes.js';
import { sync, type SyncDeps, type SyncOptions, type SyncResult } from './sync.js';

/** `sync`, with its figures followed; where nobody watches (`null`) it is `sync` itself. */
export async function followedSync(
  figures: ConnectorFigures | null,
  deps: SyncDeps,
  options: SyncOptions,
): Promise<SyncResult> {
  if (figures === null) return sync(deps, options);
  const { access, target } = deps;
  const followed = figures.begin({ counts: access.counts, bulk: target.bulk });
  try {
    return await sync(
      {
        ...deps,
        access: { ...access, box: countedDownloads(access.box, (bytes) => followed.contentRead(bytes)) },
        target: {
          ...target,
          // The sink is made when it is subscribed to: by then the target knows its index.
          sink: (source) => settledBytes(target.sink, (outcome, bytes) => followed.settled(outcome, bytes))(source),
        },
        onRun: (run) => {
          followed.run(run);
          deps.onRun?.(run);
        },
      },
      options,
    );
  } finally {
    followed.stop();
  }
}
