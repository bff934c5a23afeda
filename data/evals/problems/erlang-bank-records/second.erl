-module(bank).
-export([new/0, open/3, transfer/4, balance/2, history/2]).

%% {first amounts of the accounts, all transfers, the latest first}
new() -> {[], []}.

open({Accounts, Journal}, Name, Amount) ->
    case lists:keymember(Name, 1, Accounts) of
        true -> {error, exists};
        false -> {ok, {[{Name, Amount} | Accounts], Journal}}
    end.

transfer({Accounts, Journal} = Bank, From, To, Amount) ->
    try
        (is_integer(Amount) andalso Amount > 0) orelse throw(bad_amount),
        Has = known(Bank, From),
        _ = known(Bank, To),
        From =/= To orelse throw(same_account),
        Has >= Amount orelse throw({short, Amount - Has}),
        {ok, {Accounts, [{From, To, Amount} | Journal]}}
    catch
        throw:Reason -> {error, Reason}
    end.

known(Bank, Name) ->
    case balance(Bank, Name) of
        {ok, Amount} -> Amount;
        {error, Reason} -> throw(Reason)
    end.

balance({Accounts, _} = Bank, Name) ->
    case lists:keyfind(Name, 1, Accounts) of
        {_, First} -> {ok, lists:foldl(fun moved/2, First, history(Bank, Name))};
        false -> {error, {no_account, Name}}
    end.

moved({sent, _, N}, Sum) -> Sum - N;
moved({got, _, N}, Sum) -> Sum + N.

history({_, Journal}, Name) ->
    lists:filtermap(
        fun
            ({From, To, N}) when From =:= Name -> {true, {sent, To, N}};
            ({From, To, N}) when To =:= Name -> {true, {got, From, N}};
            (_) -> false
        end,
        Journal
    ).
