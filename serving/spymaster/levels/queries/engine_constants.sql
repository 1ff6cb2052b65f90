-- Constants of the engines by name
select
    name,
    value
from reference.engine_constants;
