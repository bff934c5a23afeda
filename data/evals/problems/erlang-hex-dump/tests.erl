-module(dump_tests).
-include_lib("eunit/include/eunit.hrl").

short_test() ->
    ?assertEqual([], dump:lines(<<>>)),
    ?assertEqual(["0000  48 69 00                 Hi."], dump:lines(<<"Hi", 0>>)),
    ?assertEqual(["0000  ff                       ."], dump:lines(<<255>>)).

full_lines_test() ->
    ?assertEqual(["0000  61 62 63 64 65 66 67 68  abcdefgh"], dump:lines(<<"abcdefgh">>)),
    ?assertEqual(
        [
            "0000  00 1f 20 7e 7f 80 0a 41  .. ~...A",
            "0008  5a                       Z"
        ],
        dump:lines(<<0, 31, 32, 126, 127, 128, 10, "AZ">>)
    ).

offsets_test() ->
    Lines = dump:lines(<<0:(8 * 24)>>),
    ?assertEqual(["0000", "0008", "0010"], [lists:sublist(Line, 4) || Line <- Lines]),
    Long = dump:lines(<<0:(8 * 65544)>>),
    ?assertEqual(8193, length(Long)),
    ?assertEqual("fff8  00 00 00 00 00 00 00 00  ........", lists:nth(8192, Long)),
    ?assertEqual("10000  00 00 00 00 00 00 00 00  ........", lists:last(Long)).

back_test() ->
    [
        begin
            Bytes = <<<<(N * 7 rem 256)>> || N <- lists:seq(1, Size)>>,
            ?assertEqual(Bytes, dump:bytes(dump:lines(Bytes)))
        end
     || Size <- [0, 1, 7, 8, 9, 300]
    ].

upper_case_test() ->
    ?assertEqual(<<16#AB, 16#CD>>, dump:bytes(["0000  AB cD                    .."])).

characters_do_not_matter_test() ->
    ?assertEqual(<<"12 34 56">>, dump:bytes(dump:lines(<<"12 34 56">>))),
    ?assertEqual(<<1, 2>>, dump:bytes(["12345  01                       x", "9999  02                       ff ff"])).
