import { EMPTY, type Observable, concat, defer } from 'rxjs';
import type { ReplayClient } from '../box/replay-client.js';
import type { Envelope } from '../core/envelope.js';
import { inOrder } from '../core/flatten.js';
import { accountWalk } from './account-walk.js';
import type { Change } from './change.js';
import { type EnterpriseWalkDeps, type EnterpriseWalkOptions, enterpriseWalk } from './enterprise-walk.js';

export interface ReplayDeps extends EnterpriseWalkDeps {
  /** What answers `box`: the API made over `recording.http`. */
  readonly recording: Pick<ReplayClient, 'manifest' | 'check'>;
}

export type ReplayOptions = EnterpriseWalkOptions;

/**
 * The walk that was recorded, over the recorded exchanges: of an enterprise or of one account, as the manifest says
 * (then `includes` and `ownRoot` mean nothing). Which users and folders is for the options to say once more.
 *
 * Strict: when all that was emitted is settled, downloads too, it fails with a `PermanentError` if anything was asked
 * for that the recording does not have, or the recording has what nothing asked for. So it completes only if each
 * envelope is settled. Holds what that walk holds.
 */
export function replay(deps: ReplayDeps, options: ReplayOptions): Observable<Envelope<Change>> {
  const { run, recording } = deps;
  return concat(
    recording.manifest.walk === 'enterprise' ? enterpriseWalk(deps, options) : accountWalk(deps, options),
    defer(() => run.quiet()).pipe(
      inOrder(() => {
        recording.check();
        return EMPTY;
      }),
    ),
  );
}
