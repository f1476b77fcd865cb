-- What has been loaded, what became of every subject, and what the next publication must renew.
CREATE TABLE applied_manifest (key VARCHAR);
CREATE TABLE collection_log (
    dataset VARCHAR,
    subject VARCHAR,
    attempt VARCHAR,
    logical_date TIMESTAMP,
    state VARCHAR,
    observed_at TIMESTAMP,
    kind VARCHAR,
    message VARCHAR,
    status INTEGER,
    tries INTEGER,
    manifest VARCHAR
);
CREATE TABLE changed_table (name VARCHAR);
CREATE TABLE changed_day (day DATE);
CREATE TABLE repository_day (
    repository_id BIGINT,
    day DATE,
    observed_at TIMESTAMP,
    request VARCHAR,
    provenance VARCHAR,
    full_name VARCHAR,
    license_key VARCHAR,
    language VARCHAR,
    archived BOOLEAN,
    stars BIGINT,
    forks BIGINT
);
CREATE TABLE closed_day (day DATE);
