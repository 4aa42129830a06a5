-- The words of users are taken in a little after their users were written, many at once, which costs a fraction: the words of all
-- users up to "position" are in their index, as they are now, but for those in words_waiting.
UPDATE words_filling SET position = coalesce((SELECT max(seq) FROM user), 0) WHERE position >= until;
ALTER TABLE words_filling DROP COLUMN until;
ALTER TABLE words_filling RENAME TO words_position;

-- Users up to "position" whose words have changed since. user is its seq.
CREATE TABLE words_waiting (
  user INTEGER PRIMARY KEY
) STRICT;
