-- The calls of kernels as a build makes them, with the placeholders of a partition
select
    kernel,
    sql
from meta.kernel_calls
order by kernel;
