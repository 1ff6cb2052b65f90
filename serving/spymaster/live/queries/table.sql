-- SQL of a relation that a build makes of the records of all days
select sql
from meta.model_sql
where
    relation = $relation
    and language = 'sql';
