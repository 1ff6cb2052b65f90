{# Hash of the checks that the rows of the model being built pass; its `state` keeps it. #}
{% macro hash_of_row_checks(state) -%}
    {%- if 'checks' not in state -%}
        {%- set checks = [] -%}
        {%- for kind in ['row_checks', 'row_warnings'] if config.get('meta').get(kind) -%}
            {%- do checks.append(query_of_failed_checks('__rows__', config.get('meta')[kind])) -%}
        {%- endfor -%}
        {%- do state.update({'checks': local_md5(checks | join('|'))}) -%}
    {%- endif -%}
    {{ return(state['checks']) }}
{%- endmacro %}
