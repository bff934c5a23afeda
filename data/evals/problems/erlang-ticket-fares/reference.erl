-module(fares).
-export([group/1, price/3]).

group(Age) when Age < 6 -> infant;
group(Age) when Age < 15 -> child;
group(Age) when Age < 65 -> adult;
group(_Age) -> senior.

price(Age, _Zones, _Hour) when not is_integer(Age); Age < 0 ->
    {error, age};
price(_Age, Zones, _Hour) when not is_integer(Zones); Zones < 1; Zones > 4 ->
    {error, zones};
price(_Age, _Zones, Hour) when not is_integer(Hour); Hour < 0; Hour > 23 ->
    {error, hour};
price(Age, Zones, Hour) when Hour >= 9, Hour < 16 ->
    {ok, reduced(group(Age), full(Zones) - 20 * Zones)};
price(Age, Zones, _Hour) ->
    {ok, reduced(group(Age), full(Zones))}.

full(Zones) -> 200 + 80 * (Zones - 1).

reduced(infant, _Cents) -> 0;
reduced(child, Cents) -> Cents div 2;
reduced(senior, Cents) -> Cents div 2;
reduced(adult, Cents) -> Cents.
