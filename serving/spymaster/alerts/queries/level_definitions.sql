-- Levels of the lake and their kinds
select
    level_id,
    level_kind
from silver.level_definitions;
