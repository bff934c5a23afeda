-- The way back of every example. Left joins on purpose: a link that is missing shows as a null, which
-- the tests find, and not as a row that is missing.
with examples as (
    select
        'sharegpt' as format, example_id, pair_id, book_id, family, kind, split,
        verification, licence, review
    from {{ source('lake', 'sharegpt_set') }}
    union all
    select
        'alpaca' as format, example_id, pair_id, book_id, family, kind, split,
        verification, licence, review
    from {{ source('lake', 'alpaca_set') }}
),

quotes as (
    -- where the quote stands: the spans of its section that it overlaps
    select
        evidence.pair_id,
        evidence.ordinal,
        min(span.page) as page_first,
        max(span.page) as page_last,
        arg_min(span.href, span.char_start) as href,
        any_value(span.file_sha256) as file_sha256,
        count(*) as spans,
        to_json(
            list(
                {'page': span.page, 'x0': span.x0, 'y0': span.y0, 'x1': span.x1, 'y1': span.y1}
                order by span.char_start, span.part
            ) filter (where span.x0 is not null)
        )::varchar as boxes
    from {{ source('lake', 'instruction_pairs__evidence') }} as evidence
    inner join {{ source('lake', 'sections__spans') }} as span
        on
            evidence.section_id = span.section_id
            and evidence.book_id = span.book_id
            and span.char_start < evidence.char_end
            and span.char_end > evidence.char_start
    group by all
)

select
    concat_ws(':', examples.example_id, coalesce(evidence.ordinal, -1)) as lineage_id,
    examples.example_id,
    examples.format,
    examples.book_id,
    examples.split,
    examples.family,
    examples.kind,
    examples.pair_id,
    pairs.pair_id is not null as pair_found,
    evidence.ordinal as evidence_ordinal,
    evidence.role,
    evidence.quote,
    evidence.section_id,
    array_to_string(sections.title_path, ' › ') as section_path,
    evidence.block_id,
    quotes.page_first,
    quotes.page_last,
    quotes.href,
    coalesce(quotes.spans, 0) as spans,
    quotes.boxes,
    quotes.file_sha256,
    books.title as book_title,
    examples.licence,
    pairs.generator,
    pairs.family_version,
    pairs.recipe,
    pairs.model,
    array_to_string(pairs.call_keys, ' ') as call_keys,
    array_to_string(pairs.gates, ' ') as gates,
    examples.verification,
    if(examples.verification = pairs.verification, pairs.verified_by, null) as verified_by,
    pairs.level,
    examples.review,
    builds.code_version as made_by
from examples
left join {{ source('lake', 'instruction_pairs') }} as pairs
    on examples.pair_id = pairs.pair_id
left join {{ source('lake', 'instruction_pairs__evidence') }} as evidence
    on examples.pair_id = evidence.pair_id
left join {{ source('lake', 'sections') }} as sections
    on evidence.section_id = sections.section_id
left join quotes
    on evidence.pair_id = quotes.pair_id and evidence.ordinal = quotes.ordinal
left join {{ source('lake', 'raw_books') }} as books
    on examples.book_id = books.book_id
left join {{ source('lake', 'lake_builds') }} as builds
    on builds.asset = 'instruction_pairs' and builds.key = examples.book_id
order by lineage_id
