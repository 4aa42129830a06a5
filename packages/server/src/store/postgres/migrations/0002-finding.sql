-- The words of users, apart for each 65,536 users that came one after another: of a word that many have, the newest are looked
-- for first. The character before each token says which of them it is (postgres-words-buckets.ts).
CREATE FUNCTION bucket_words(words tsvector, seq bigint) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_to_tsvector(string_to_array(
    chr((65536 + (seq >> 16) % 1000000)::integer)
      || array_to_string(tsvector_to_array(words), ' ' || chr((65536 + (seq >> 16) % 1000000)::integer)), ' '))
$$;
-- Without the list of what is pending, which every search would have to read through.
CREATE INDEX app_user_words ON app_user USING gin (bucket_words(words, seq)) WITH (fastupdate = off);

-- The newest creation among 65,536 users, once nobody can be added to them: older ones need not be looked at for a page before.
CREATE TABLE word_bucket (
  bucket bigint PRIMARY KEY,
  reach bigint NOT NULL
);

-- Custom fields an app declared. While one is building, all users up to the id "position" were taken in.
CREATE TABLE field_index (
  field bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  app bigint NOT NULL,
  path text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL CHECK (state IN ('building', 'ready', 'dropping')),
  position text COLLATE "C" NOT NULL DEFAULT '',
  users bigint NOT NULL DEFAULT 0,
  dropped_at timestamptz
);
CREATE INDEX field_index_app ON field_index (app);
CREATE INDEX field_index_unfinished ON field_index (field) WHERE state <> 'ready';

-- What users are found by, in the order of creation: the values of declared fields, and under numbers below zero the teams and
-- the uncommon roles of an app. A value is written so that texts come in the order that sorting has (postgres-field-rows.ts).
CREATE TABLE field_value (
  field bigint NOT NULL,
  created_at bigint NOT NULL,
  value text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  PRIMARY KEY (field, value, created_at, id)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
