import { Place } from './place.js';
import type { Sqlite } from './sqlite-database.js';
import { fromSqlJson } from './sqlite-json.js';

/** How many places are kept in memory, so that what is below one folder is not looked up to the root each time. */
const placesKept = 10_000;

/** Row, folder, row above, own name, and `null`; of a row at the top `null`, the whole path, and ancestors as JSON. */
export type PlaceRow = [seq: number, folder: string, above: number | null, name: string, ancestors: string | null];

/** The places of the folders in the frontier, each made once while it is kept. */
export interface SqlitePlaces {
  of(row: PlaceRow): Place;
  at(seq: number): Place;
  /** The folder of a row was seen somewhere else, or under another name. */
  move(row: PlaceRow): void;
  clear(): void;
}

export function sqlitePlaces(db: Sqlite): SqlitePlaces {
  const select = db.prepare('SELECT seq, folder, above, name, ancestors FROM frontier WHERE seq = ?').raw(true);
  const update = db.prepare('UPDATE frontier SET above = ?, name = ?, ancestors = ? WHERE seq = ?');
  /** By row. Full, it becomes the older one, from which what is used again comes back: each step takes the same time. */
  let places = new Map<number, Place>();
  let older = new Map<number, Place>();

  const keep = (place: Place): Place => {
    places.set(place.seq, place);
    if (places.size * 2 > placesKept) {
      older = places;
      places = new Map();
    }
    return place;
  };
  const kept = (seq: number): Place | undefined => {
    const place = places.get(seq);
    if (place !== undefined) return place;
    const old = older.get(seq);
    return old === undefined ? undefined : keep(old);
  };
  /** Up to what is known, and down again; not by recursion, since a tree may be deeper than the stack. */
  const find = (seq: number): Place => {
    const unknown: PlaceRow[] = [];
    const rows = new Set<number>();
    let known = kept(seq);
    for (let at: number | null = seq; known === undefined && at !== null;) {
      const [row] = select.all(at) as PlaceRow[];
      if (row === undefined) {
        throw new Error(
          `Cannot place folder ${seq} of the frontier: row ${at} above it is missing, expected one for each folder above. Move the state file away: what the index holds is then read back`,
        );
      }
      unknown.push(row);
      rows.add(at);
      // Moves that were seen at different times may have made a circle of them: it is cut, and the next listing puts it right.
      at = row[2] === null || rows.has(row[2]) ? null : row[2];
      if (at !== null) known = kept(at);
    }
    for (const row of unknown.reverse()) known = keep(make(row, known));
    return known as Place;
  };

  return {
    of(row) {
      const [seq, , above] = row;
      return kept(seq) ?? keep(make(row, above === null ? undefined : find(above)));
    },
    at: find,
    move([seq, , above, name, ancestors]) {
      const place = find(seq);
      if (above === null) place.moveToTop(name, idsOf(ancestors));
      else {
        const target = find(above);
        // Two listings of different times may each show one of two folders in the other: the first place stands.
        if (target.isWithin(seq)) return;
        place.moveBelow(target, name);
      }
      update.run(above, name, ancestors, seq);
    },
    clear() {
      places.clear();
      older.clear();
    },
  };
}

function make([seq, id, above, name, ancestors]: PlaceRow, place: Place | undefined): Place {
  return above === null || place === undefined
    ? Place.top(seq, id, name, idsOf(ancestors))
    : Place.below(seq, id, place, name);
}

function idsOf(ancestors: string | null): readonly string[] {
  return fromSqlJson(ancestors ?? '[]') as readonly string[];
}
