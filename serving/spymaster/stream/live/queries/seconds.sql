-- How many seconds the run has
select count(*) as n_seconds
from silver.book_snapshot_1s;
