#!/bin/sh
# Gives the two logins their passwords when the database container is made; read by psql, never on a command line.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
\getenv app APP_PASSWORD
\getenv owner OWNER_PASSWORD
ALTER ROLE anlan_app PASSWORD :'app';
ALTER ROLE anlan_owner PASSWORD :'owner';
SQL
