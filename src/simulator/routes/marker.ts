/** A place in a list, as an opaque text. */
export interface Place {
  readonly segment: number;
  readonly index: number;
  /** Whether the empty page in front of it has been shown. */
  readonly afterEmptyPage: boolean;
}

/** `list` and `epoch` bind the marker to one list and its time. */
export function markerOf({ segment, index, afterEmptyPage }: Place, list: string, epoch: number): string {
  const parts = [list, epoch, segment, index, afterEmptyPage ? 1 : 0];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The place that a marker names, or `undefined` if it is none of this list and time. */
export function placeOf(marker: string, list: string, epoch: number): Place | undefined {
  const [givenList, givenEpoch, segment, index, shown] = parse(Buffer.from(marker, 'base64url').toString());
  if (givenList !== list || givenEpoch !== epoch) return undefined;
  if (typeof segment !== 'number' || typeof index !== 'number') return undefined;
  return { segment, index, afterEmptyPage: shown === 1 };
}

function parse(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
