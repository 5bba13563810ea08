#!/bin/sh
# The first start of Postgres runs this: the user of the services, who owns their database and makes their roles.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 --set password="$HEDDLE_DATABASE_PASSWORD" <<'SQL'
create role heddle login createrole password :'password';
create database heddle owner heddle;
SQL
