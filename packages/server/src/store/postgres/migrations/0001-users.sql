-- All texts compare by code point, whatever the collation of the database.
CREATE TABLE app (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text COLLATE "C" NOT NULL UNIQUE,
  secret text NOT NULL,
  name text NOT NULL,
  created_at bigint NOT NULL,
  suspended boolean NOT NULL,
  suspended_explanation text NOT NULL,
  settings text NOT NULL,
  -- Which change of all apps wrote it last.
  version bigint NOT NULL
);

-- Counts the changes of apps: what every node looks at to hear of them.
CREATE TABLE apps_version (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version bigint NOT NULL
);
INSERT INTO apps_version (version) VALUES (0);

-- seq is the order of creation. custom is compact JSON, given back as it is. Pages keep room for the next version of a row, so
-- that an update of what no index holds touches no index.
CREATE TABLE app_user (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  app bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  deactivated_at bigint,
  deleted_at bigint,
  revoke_tokens_issued_before bigint,
  invisible boolean NOT NULL,
  id text COLLATE "C" NOT NULL,
  role text COLLATE "C" NOT NULL,
  name text COLLATE "C",
  name_key text COLLATE "C" NOT NULL,
  image text COLLATE "C",
  teams text COLLATE "C",
  teams_role text COLLATE "C",
  language text COLLATE "C" NOT NULL,
  privacy_settings text COLLATE "C",
  custom text COLLATE "C" NOT NULL,
  -- The tokens by which a user is found; written by the program alone.
  words tsvector NOT NULL DEFAULT ''
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX app_user_created ON app_user (app, created_at, id);
-- After the index above: while a table is empty, of two that serve alike the last one made is taken.
CREATE UNIQUE INDEX app_user_id ON app_user (app, id);
CREATE INDEX app_user_name ON app_user (app, name_key) WHERE name_key <> '';
-- Nearly every user has the role "user": only the others are worth an index.
CREATE INDEX app_user_role ON app_user (app, role) WHERE role <> 'user';
CREATE INDEX app_user_teams_role ON app_user (app) WHERE teams_role IS NOT NULL;

-- One row for each team of a user. Holders of a name within a team are found here, not among all the app's.
CREATE TABLE user_team (
  app bigint NOT NULL,
  seq bigint NOT NULL,
  team text COLLATE "C" NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  PRIMARY KEY (app, team, seq)
);
CREATE INDEX user_team_name ON user_team (app, team, name_key) WHERE name_key <> '';

-- When a user was last seen: written in batches, and no change of the user.
CREATE TABLE user_activity (
  seq bigint PRIMARY KEY,
  last_active bigint NOT NULL
) WITH (fillfactor = 70);

-- The newest time ever stored, which the clock never falls behind: the greatest of all slots. Connections write to slots of
-- their own, so that they do not wait for each other.
CREATE TABLE clock (
  slot integer PRIMARY KEY,
  newest bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO clock SELECT slot, 0 FROM generate_series(0, 255) slot;

-- Connections that a stopping server left, believed until they run out, so that a restart is seen by nobody.
CREATE TABLE lease (
  seq bigint NOT NULL,
  connected_at bigint NOT NULL,
  heard_at bigint NOT NULL,
  until bigint NOT NULL,
  connection text COLLATE "C" NOT NULL,
  node text COLLATE "C" NOT NULL,
  device text COLLATE "C" NOT NULL,
  PRIMARY KEY (seq, connection)
);
