-- SQL of the views, as dbt compiled it
select
    relation,
    sql
from meta.model_sql
where
    language = 'sql'
    and materialized = 'view';
