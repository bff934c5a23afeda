-module(bank).
-export([new/0, open/3, transfer/4, balance/2, history/2]).

-record(account, {amount = 0, moves = []}).

new() -> #{}.

open(Bank, Name, _Amount) when is_map_key(Name, Bank) -> {error, exists};
open(Bank, Name, Amount) -> {ok, Bank#{Name => #account{amount = Amount}}}.

transfer(_Bank, _From, _To, Amount) when not is_integer(Amount); Amount =< 0 ->
    {error, bad_amount};
transfer(Bank, From, _To, _Amount) when not is_map_key(From, Bank) ->
    {error, {no_account, From}};
transfer(Bank, _From, To, _Amount) when not is_map_key(To, Bank) ->
    {error, {no_account, To}};
transfer(_Bank, Same, Same, _Amount) ->
    {error, same_account};
transfer(Bank, From, To, Amount) ->
    #{From := Payer, To := Payee} = Bank,
    case Payer#account.amount - Amount of
        Left when Left < 0 ->
            {error, {short, -Left}};
        Left ->
            {ok, Bank#{
                From := Payer#account{amount = Left, moves = [{sent, To, Amount} | Payer#account.moves]},
                To := Payee#account{
                    amount = Payee#account.amount + Amount,
                    moves = [{got, From, Amount} | Payee#account.moves]
                }
            }}
    end.

balance(Bank, Name) ->
    case Bank of
        #{Name := #account{amount = Amount}} -> {ok, Amount};
        _ -> {error, {no_account, Name}}
    end.

history(Bank, Name) -> (maps:get(Name, Bank, #account{}))#account.moves.
