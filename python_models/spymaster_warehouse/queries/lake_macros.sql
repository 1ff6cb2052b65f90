-- Where the files lie that views read: beside the database that was opened, wherever the lake was
-- moved or copied to; and where the lake lay when it was published ($root) for a database that was
-- attached to another one, or whose reader has a directory of temporary files elsewhere. By default
-- that directory lies beside the database; dbt's is the lake's scratch.
create schema if not exists meta;

create or replace macro meta.published_root() as $root;

create or replace macro meta.lake_file(path) as
    case
        when
            regexp_matches(
                current_setting('temp_directory'),
                '(^|/)(spymaster\.duckdb\.tmp|warehouse\.duckdb\.tmp|\.spymaster-scratch)$'
            )
            then regexp_replace(current_setting('temp_directory'), '[^/]*$', '')
        else meta.published_root() || '/'
    end
    || path;
