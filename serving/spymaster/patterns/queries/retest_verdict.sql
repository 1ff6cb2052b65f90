-- Whether the state of the four conditions at a retest knows more than the base rate
select *
from gold.eval_retests
where
    root = $root
    and basis = $basis
    and verdict is not null;
