#!/bin/sh
# Makes the role and the database of Rollcall, once, when the volume is empty. The role is no superuser: it owns its database, and
# needs no more.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$ROLLCALL_DATABASE_PASSWORD" --username "$POSTGRES_USER" <<'SQL'
CREATE ROLE rollcall LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
CREATE DATABASE rollcall OWNER rollcall TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE rollcall FROM PUBLIC;
SQL
