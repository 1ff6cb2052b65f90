{#
    Common table expressions up to `levels`: the levels of each moment with the stack that each
    belongs to, the others in it (stacked_with) and whether it is the first by priority. Levels at
    most stack_max_ticks apart form a stack, one by one. `usable` is a relation of the levels that
    can be used: moment_ts, level_id, priority, level_tick.
#}
{% macro level_stacks(usable) -%}
neighbors as (
    select
        *,
        coalesce(
            level_tick - lag(level_tick) over by_price > {{ var('stack_max_ticks') }}, true
        ) as starts_stack,
        coalesce(
            lead(level_tick) over by_price - level_tick > {{ var('stack_max_ticks') }}, true
        ) as ends_stack
    from {{ usable }}
    window by_price as (partition by moment_ts order by level_tick, priority, level_id)
),

numbered_stacks as (
    select
        *,
        sum(cast(starts_stack as integer)) over (
            partition by moment_ts
            order by level_tick, priority, level_id
        ) as stack_no
    from neighbors
),

-- sorted once it is a list: an ordered aggregate makes room for thousands of rows a stack
stacks as (
    select
        moment_ts,
        stack_no,
        list_transform(
            list_sort(list(struct_pack(priority := priority, level_id := level_id))),
            member -> member.level_id
        ) as level_ids
    from numbered_stacks
    where not (starts_stack and ends_stack)
    group by moment_ts, stack_no
),

levels as (
    select
        numbered_stacks.*,
        coalesce(
            list_filter(stacks.level_ids, member -> member != numbered_stacks.level_id), []
        ) as stacked_with,
        coalesce(stacks.level_ids[1] = numbered_stacks.level_id, true) as is_primary
    from numbered_stacks
    left join stacks
        on
            numbered_stacks.moment_ts = stacks.moment_ts
            and numbered_stacks.stack_no = stacks.stack_no
)
{%- endmacro %}
