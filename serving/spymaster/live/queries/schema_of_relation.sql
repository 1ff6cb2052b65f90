-- Schema of a relation that a build makes
select split_part(relation, '.', 1) as "schema"
from meta.model_sql
where split_part(relation, '.', 2) = $relation;
