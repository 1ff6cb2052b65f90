{#
    Have workers make partitions, rows of the plan, and record them in their order. `steps` and
    `state` are the model's; `checked` has checksums of code with the described columns. Returns
    what is wrong with the records of those that a kernel refuses. Another partition that cannot be
    made ends the build, after all before it are recorded.

    Columns are checked once a partition was computed: what the store has needs no kernel here.
#}
{% macro build_by_workers(partitions, storage, steps, state, checked) -%}
    {%- set settings = [] -%}
    {%- for name in ['TimeZone', 'asof_loop_join_threshold', 'memory_limit'] -%}
        {%- do settings.append("'" ~ name ~ "': current_setting('" ~ name ~ "')::varchar") -%}
    {%- endfor -%}
    {%- do run_statement(
        'select hand_out(' ~ sql_text_or_null(tojson(partition_jobs(partitions, storage, state)))
        ~ ', map {' ~ settings | join(', ') ~ '})'
    ) -%}
    {%- set refused = [] -%}
    {%- set at = namespace(
        n_known=0, failure=none, is_checked=partitions[0]['partition_checksum'] in checked
    ) -%}
    {%- for _ in partitions -%}
        {%- if at.n_known < partitions | length and not at.failure -%}
            {%- set outcomes = fromjson(run_query(
                "select outcomes_of('" ~ this.identifier ~ "', " ~ at.n_known ~ ')'
            ).columns[0].values()[0]) -%}
            {%- set made = [] -%}
            {%- for outcome in outcomes if not at.failure -%}
                {%- set values = partitions[at.n_known] -%}
                {%- set at.n_known = at.n_known + 1 -%}
                {%- if not at.is_checked and not outcome['is_taken'] -%}
                    {%- do check_columns(values) -%}
                    {%- set at.is_checked = true -%}
                {%- endif -%}
                {%- if outcome['kind'] == 'done' -%}
                    {%- for warning in outcome['warnings'] -%}
                        {%- do exceptions.warn(warning) -%}
                    {%- endfor -%}
                    {%- do made.append(values) -%}
                {%- elif outcome['kind'] == 'refused' -%}
                    {%- do refused.append(
                        values['partition_owner'] ~ ' ' ~ values['partition_date'] ~ ': '
                        ~ outcome['text']
                    ) -%}
                {%- else -%}
                    {%- set at.failure = outcome['text'] -%}
                {%- endif -%}
            {%- endfor -%}
            {%- do record_made(made, storage, steps, state) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do run_statement("select give_up_jobs('" ~ this.identifier ~ "')") -%}
    {%- if at.failure -%}
        {{ exceptions.raise_compiler_error(at.failure) }}
    {%- endif -%}
    {{ return(refused) }}
{%- endmacro %}
