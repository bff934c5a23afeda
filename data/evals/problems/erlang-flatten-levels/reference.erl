-module(levels).
-export([flatten/2, depth/1, at/2]).

flatten(List, 0) -> List;
flatten(List, N) -> lists:append([inner(Element, N) || Element <- List]).

depth(List) -> 1 + lists:max([0 | [depth(Inner) || Inner <- List, is_list(Inner)]]).

at(List, 1) -> [Element || Element <- List, not is_list(Element)];
at(List, N) -> lists:append([at(Inner, N - 1) || Inner <- List, is_list(Inner)]).

inner(List, N) when is_list(List) -> flatten(List, N - 1);
inner(Element, _N) -> [Element].
