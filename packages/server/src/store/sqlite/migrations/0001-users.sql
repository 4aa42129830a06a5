CREATE TABLE app (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  secret TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  suspended INTEGER NOT NULL DEFAULT 0,
  suspended_explanation TEXT NOT NULL DEFAULT '',
  settings TEXT NOT NULL
) STRICT;

-- seq is the order of creation. custom is compact JSON, given back as it is.
CREATE TABLE user (
  seq INTEGER PRIMARY KEY,
  app INTEGER NOT NULL,
  id TEXT NOT NULL,
  role TEXT NOT NULL,
  name TEXT,
  name_key TEXT NOT NULL,
  image TEXT,
  teams TEXT,
  teams_role TEXT,
  language TEXT NOT NULL,
  invisible INTEGER NOT NULL,
  privacy_settings TEXT,
  revoke_tokens_issued_before INTEGER,
  custom TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deactivated_at INTEGER,
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX user_id ON user (app, id);
CREATE INDEX user_created ON user (app, created_at, id);
CREATE INDEX user_name ON user (app, name_key) WHERE name_key <> '';
-- Nearly every user has the role "user": only the others are worth an index.
CREATE INDEX user_role ON user (app, role) WHERE role <> 'user';
CREATE INDEX user_teams_role ON user (app) WHERE teams_role IS NOT NULL;

-- One row for each team of a user; user is its seq. Holders of a name within a team are found here, not among all the app's.
CREATE TABLE user_team (
  app INTEGER NOT NULL,
  team TEXT NOT NULL,
  user INTEGER NOT NULL,
  name_key TEXT NOT NULL,
  PRIMARY KEY (app, team, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_team_name ON user_team (app, team, name_key) WHERE name_key <> '';

-- When a user was last seen: written in batches, and no change of the user.
CREATE TABLE user_activity (
  user INTEGER PRIMARY KEY,
  last_active INTEGER NOT NULL
) STRICT;

-- The newest time ever stored, which the clock never falls behind.
CREATE TABLE clock (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  newest INTEGER NOT NULL
) STRICT;
INSERT INTO clock VALUES (1, 0);
