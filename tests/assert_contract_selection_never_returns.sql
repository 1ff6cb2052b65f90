-- After a roll the old contract does not return: the expiration of the chosen contract never
-- decreases, and a contract chosen by volume expires after the date it is chosen for.
with

selection as (
    select
        root,
        session_date,
        prev_trading_date,
        selected_exp_date,
        max(selected_exp_date) over (
            partition by root
            order by session_date
        ) as latest_exp_date
    from {{ ref('mbo_contract_day_selection') }}
)

select *
from selection
where
    selected_exp_date < latest_exp_date
    or (prev_trading_date is not null and selected_exp_date <= session_date)
