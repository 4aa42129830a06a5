-- Connections that a stopping server left, believed until they run out, so that a restart is seen by nobody. user is its seq. The
-- next start takes them all: while a server runs the table is empty.
CREATE TABLE lease (
  user INTEGER NOT NULL,
  connection TEXT NOT NULL,
  node TEXT NOT NULL,
  device TEXT NOT NULL,
  connected_at INTEGER NOT NULL,
  heard_at INTEGER NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (user, connection)
) STRICT, WITHOUT ROWID;
