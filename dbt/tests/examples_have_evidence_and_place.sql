-- An example without a quote, a quote without a page, a place in the book and a file, words without
-- somebody who worded them, or a teacher's words without the calls behind them, are a defect.
-- Examples whose pair was made anew since the set was built are counted by builds_in_step instead.
select lineage_id, example_id, pair_id, evidence_ordinal
from {{ ref('example_lineage') }}
where
    pair_found
    and (
        evidence_ordinal is null
        or file_sha256 is null
        or coalesce(page_first::varchar, href) is null
        or section_path is null
        or generator is null
        or made_by is null
        or (generator = 'teacher' and (model is null or call_keys = ''))
    )
    and {{ of_books_in_step('book_id') }}
