-- What a database of Anlan needs before its first migration; run by a superuser inside that database, again
-- and again without harm. The embedded server runs it in template1, so that test databases have it too.

DO $$
DECLARE
    extension text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'anlan_owner') THEN
        CREATE ROLE anlan_owner LOGIN CREATEDB; -- owns and migrates the tables
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'anlan_app') THEN
        CREATE ROLE anlan_app LOGIN; -- what web and worker are; row security binds it
    END IF;
    FOREACH extension IN ARRAY ARRAY['btree_gin', 'pg_trgm', 'pg_stat_statements'] LOOP
        IF EXISTS (SELECT FROM pg_available_extensions WHERE name = extension) THEN
            EXECUTE format('CREATE EXTENSION IF NOT EXISTS %I', extension);
        END IF;
    END LOOP;
    EXECUTE format('GRANT CREATE ON DATABASE %I TO anlan_owner', current_database()); -- the schema epidemic
END
$$;

ALTER SCHEMA public OWNER TO anlan_owner;
GRANT USAGE ON SCHEMA public TO anlan_app;
ALTER DEFAULT PRIVILEGES FOR ROLE anlan_owner GRANT USAGE ON SCHEMAS TO anlan_app;
ALTER DEFAULT PRIVILEGES FOR ROLE anlan_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO anlan_app;
ALTER DEFAULT PRIVILEGES FOR ROLE anlan_owner GRANT USAGE, SELECT ON SEQUENCES TO anlan_app;
