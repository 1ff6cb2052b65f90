{#
    Query of a relation's own rows of seconds that have passed, for values that go on from second to
    second: none in a build, whose rows of a day are all made at once. A live session reads those
    that `meta.live` names among the inputs; what follows from them must be what follows from the
    inputs of the whole day, to the last bit.

    - columns: types by names.
#}
{% macro own_rows(columns) -%}
    select
        {% for name, type in columns.items() %}
            cast(null as {{ type }}) as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from range(0) as own_rows
{%- endmacro %}
