CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE item (
  id TEXT NOT NULL,
  type INTEGER NOT NULL,
  doc TEXT,
  parent TEXT NOT NULL,
  viewer TEXT NOT NULL,
  signature TEXT,
  content TEXT,
  indexed INTEGER NOT NULL,
  filtered TEXT,
  rules INTEGER NOT NULL,
  run INTEGER NOT NULL,
  missed INTEGER,
  PRIMARY KEY (id, type)
) WITHOUT ROWID;
CREATE INDEX item_parent ON item (parent);
CREATE TABLE rules (id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE);
CREATE TABLE frontier (
  seq INTEGER PRIMARY KEY,
  folder TEXT NOT NULL,
  viewer TEXT NOT NULL,
  path TEXT NOT NULL,
  ancestors TEXT NOT NULL,
  marker TEXT,
  status INTEGER NOT NULL DEFAULT 0,
  reason TEXT
);
CREATE UNIQUE INDEX frontier_folder ON frontier (folder, (CASE folder WHEN '0' THEN viewer ELSE '' END));
CREATE INDEX frontier_waiting ON frontier (viewer, seq) WHERE status = 0;
CREATE TABLE deferred (
  seq INTEGER PRIMARY KEY,
  viewer TEXT NOT NULL,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  entry TEXT NOT NULL,
  UNIQUE (id, type)
);
CREATE TABLE condemned (
  id TEXT NOT NULL,
  type INTEGER NOT NULL,
  proof TEXT NOT NULL,
  PRIMARY KEY (id, type)
) WITHOUT ROWID;
CREATE TABLE census (
  doc TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  type INTEGER NOT NULL,
  parent TEXT NOT NULL,
  viewer TEXT NOT NULL,
  signature TEXT NOT NULL,
  content TEXT
) WITHOUT ROWID;
CREATE TABLE stranger (doc TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  rewrite INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  state TEXT NOT NULL,
  scope TEXT NOT NULL,
  report TEXT
);
CREATE TABLE dead_letter (
  document_id TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  path TEXT NOT NULL,
  operation TEXT NOT NULL,
  reason TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  last_tried INTEGER NOT NULL
);
CREATE TABLE token (
  account TEXT PRIMARY KEY,
  access TEXT NOT NULL,
  refresh TEXT,
  expires_at INTEGER NOT NULL,
  origin TEXT NOT NULL
);
PRAGMA user_version = 1;
