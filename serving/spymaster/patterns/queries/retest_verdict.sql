-- Whether the state of the four conditions at a retest, in one form, knows more than the base rate
select *
from gold.eval_retests
where
    root = $root
    and conditions_basis = $conditions_basis
    and basis = $basis
    and verdict is not null;
