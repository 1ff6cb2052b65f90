{#
    meta.live_models: how the models that a live session runs second by second look back, from
    `meta.live` of their yml. One row per relation; see serving/spymaster/live.
#}
{% macro record_live_models() -%}
    {#- tells dbt what lookback_seconds() reads -#}
    {%- do ref('engine_constants') -%}
    {%- if execute -%}
        {%- set rows = [] -%}
        {%- for node in graph.nodes.values() | sort(attribute='unique_id')
            if node.resource_type == 'model' and (node.config.get('meta') or {}).get('live') -%}
            {%- set live = node.config.meta.live -%}
            {%- set reads, lookbacks, keyed, keys = [], [], [], [] -%}
            {%- set filtered, conditions = [], [] -%}
            {%- set spared, needs = [], [] -%}
            {#- a model that names itself among its inputs goes on from its own rows -#}
            {%- set own = [node.unique_id] if node.name in live.get('inputs', {}) else [] -%}
            {%- for id in (node.depends_on.nodes + own) | sort -%}
                {%- set input = graph.nodes.get(id) or graph.sources[id] -%}
                {%- set name = input.schema ~ '.' ~ (input.alias or input.identifier) -%}
                {%- do reads.append("'" ~ name ~ "'") -%}
                {%- set lookback = (live.get('inputs') or {}).get(input.name, live.lookback_s) -%}
                {%- do lookbacks.append(lookback_seconds(lookback)) -%}
                {%- if input.name in live.get('last_by', {}) -%}
                    {%- do keyed.append("'" ~ name ~ "'") -%}
                    {%- do keys.append("'" ~ live['last_by'][input.name] ~ "'") -%}
                {%- endif -%}
                {%- if input.name in live.get('only', {}) -%}
                    {%- do filtered.append("'" ~ name ~ "'") -%}
                    {%- do conditions.append(sql_text_or_null(live['only'][input.name] | trim)) -%}
                {%- endif -%}
                {%- if input.name in live.get('needs', {}) -%}
                    {%- do spared.append("'" ~ name ~ "'") -%}
                    {%- do needs.append(sql_text_or_null(live['needs'][input.name] | trim)) -%}
                {%- endif -%}
            {%- endfor -%}
            {%- for output, lookback in live.get('outputs', {}).items() -%}
                {%- do reads.append("'" ~ output ~ "'") -%}
                {%- do lookbacks.append(lookback_seconds(lookback)) -%}
            {%- endfor -%}
            {%- do rows.append(
                "('" ~ node.schema ~ '.' ~ node.alias ~ "', " ~ live.every_s
                ~ ', ' ~ lookback_seconds(live.lookback_s)
                ~ ', ' ~ lookback_seconds(live.get('reaches_back_s', 0))
                ~ ", nullif('" ~ live.get('extends_by', '') ~ "', ''), "
                ~ live.get('is_bound', false) ~ ', ' ~ live.get('keeps_earlier_days', false)
                ~ ', map([' ~ reads | join(', ') ~ '], ['
                ~ lookbacks | join(', ') ~ ']::integer[]), map(['
                ~ keyed | join(', ') ~ ']::varchar[], ['
                ~ keys | join(', ') ~ ']::varchar[]), map(['
                ~ filtered | join(', ') ~ ']::varchar[], ['
                ~ conditions | join(', ') ~ ']::varchar[]), map(['
                ~ spared | join(', ') ~ ']::varchar[], ['
                ~ needs | join(', ') ~ ']::varchar[]))'
            ) -%}
        {%- endfor -%}
        {%- do run_statement(
            'create table if not exists meta.live_models ('
            ~ 'relation varchar, every_s integer, lookback_s integer, '
            ~ 'reaches_back_s integer, extends_by varchar, is_bound boolean, '
            ~ 'keeps_earlier_days boolean, lookback_of_inputs map(varchar, integer))'
        ) -%}
        {%- for column in ['last_by_of_inputs', 'only_of_inputs', 'needs_of_inputs'] -%}
            {%- do run_statement(
                'alter table meta.live_models add column if not exists '
                ~ column ~ ' map(varchar, varchar)'
            ) -%}
        {%- endfor -%}
        {%- do run_statement(
            "comment on table meta.live_models is 'How far the models of a live session look back "
            ~ "in their inputs, seconds; NULL is the day. One row per relation.'"
        ) -%}
        {#- a build without changes writes nothing -#}
        {%- set now = '(values ' ~ rows | join(', ') ~ ')' -%}
        {%- do run_statement(
            'delete from meta.live_models where relation in (select relation from '
            ~ '(from meta.live_models except from ' ~ now ~ '))'
        ) -%}
        {%- do run_statement(
            'insert into meta.live_models from ' ~ now ~ ' except from meta.live_models'
        ) -%}
    {%- endif -%}
{%- endmacro %}
