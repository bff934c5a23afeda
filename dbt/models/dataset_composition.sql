-- What the current sets are made of. A pair that stands in both sets counts once in `examples`.
with rows_of_sets as (
    select
        'sharegpt' as format, example_id, pair_id, book_id, family, kind, split,
        list_sum(
            list_transform(
                list_filter(conversations, lambda turn: turn."from" = 'gpt'),
                lambda turn: length(turn."value")
            )
        ) as answer_chars
    from {{ source('lake', 'sharegpt_set') }}
    union all
    select
        'alpaca' as format, example_id, pair_id, book_id, family, kind, split,
        length(output) as answer_chars
    from {{ source('lake', 'alpaca_set') }}
)

select
    concat_ws(':', book_id, family, kind, split) as composition_id,
    book_id,
    family,
    kind,
    split,
    count(distinct pair_id) as examples,
    count(*) filter (where format = 'sharegpt') as sharegpt_examples,
    count(*) filter (where format = 'alpaca') as alpaca_examples,
    greatest(
        coalesce(sum(answer_chars) filter (where format = 'sharegpt'), 0),
        coalesce(sum(answer_chars) filter (where format = 'alpaca'), 0)
    )::bigint as answer_chars
from rows_of_sets
group by all
order by composition_id
