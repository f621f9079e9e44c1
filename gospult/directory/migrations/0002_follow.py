from django.db import migrations

# What an import or a person changes is noted by the statement that changes it; a job writes the lines anew.
# The queue has no unique key on purpose: two imports must not wait for each other here.
FUNCTIONS = """
CREATE FUNCTION directory_bodies_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO directory_stale (body_id) SELECT id FROM fresh;
    RETURN NULL;
END $$;

CREATE FUNCTION directory_bodies_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO directory_stale (body_id)
    SELECT n.id FROM fresh n JOIN stale o ON o.id = n.id
    WHERE (n.name, n.short_name, n.ogrn, n.level, n.status, n.founder_name, n.territory_id, n.parent_id, n.listed, n.gone_at, n.contact_phone)
        IS DISTINCT FROM (o.name, o.short_name, o.ogrn, o.level, o.status, o.founder_name, o.territory_id, o.parent_id, o.listed, o.gone_at, o.contact_phone);
    RETURN NULL;
END $$;

CREATE FUNCTION directory_pages_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO directory_stale (body_id)
    SELECT l.body_id FROM fresh n JOIN stale o ON o.id = n.id JOIN registry_pagebody l ON l.page_id = n.id
    WHERE (n.name, n.handle, n.external_id, n.state, n.url, n.settings_address) IS DISTINCT FROM (o.name, o.handle, o.external_id, o.state, o.url, o.settings_address);
    RETURN NULL;
END $$;

CREATE FUNCTION directory_links_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO directory_stale (body_id) SELECT body_id FROM fresh;
    RETURN NULL;
END $$;

CREATE FUNCTION directory_links_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO directory_stale (body_id) SELECT body_id FROM stale;
    RETURN NULL;
END $$;

CREATE FUNCTION directory_places_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO directory_stale (body_id)
    SELECT b.id FROM fresh n JOIN stale o ON o.id = n.id JOIN registry_territory t ON t.id = n.id OR t.parent_id = n.id OR t.id = n.parent_id
    JOIN registry_body b ON b.territory_id = t.id
    WHERE (n.name, n.aliases, n.parent_id) IS DISTINCT FROM (o.name, o.aliases, o.parent_id);
    RETURN NULL;
END $$;

CREATE TRIGGER directory_new AFTER INSERT ON registry_body
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION directory_bodies_new();
CREATE TRIGGER directory_changed AFTER UPDATE ON registry_body
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION directory_bodies_changed();
CREATE TRIGGER directory_changed AFTER UPDATE ON registry_page
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION directory_pages_changed();
CREATE TRIGGER directory_new AFTER INSERT ON registry_pagebody
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION directory_links_new();
CREATE TRIGGER directory_changed AFTER UPDATE ON registry_pagebody
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION directory_links_new();
CREATE TRIGGER directory_gone AFTER DELETE ON registry_pagebody
    REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION directory_links_gone();
CREATE TRIGGER directory_changed AFTER UPDATE ON registry_territory
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION directory_places_changed();
CREATE TRIGGER directory_gone AFTER DELETE ON directory_entrybody
    REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION directory_links_gone();

INSERT INTO directory_stale (body_id) SELECT id FROM registry_body;
"""
DROPPED = """
DROP TRIGGER directory_new ON registry_body;
DROP TRIGGER directory_changed ON registry_body;
DROP TRIGGER directory_changed ON registry_page;
DROP TRIGGER directory_new ON registry_pagebody;
DROP TRIGGER directory_changed ON registry_pagebody;
DROP TRIGGER directory_gone ON registry_pagebody;
DROP TRIGGER directory_changed ON registry_territory;
DROP TRIGGER directory_gone ON directory_entrybody;
DROP FUNCTION directory_bodies_new, directory_bodies_changed, directory_pages_changed, directory_links_new, directory_links_gone, directory_places_changed;
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial"), ("registry", "0004_dated_imports")]

    operations = [migrations.RunSQL(FUNCTIONS, DROPPED)]
