"""Which package a module that is not installed comes from, for packages that books speak of.

Belongs here: names that many books use, and parts of OTP that are often not installed. Does not:
what is installed (``symbols.py``). A module that stands in no row is not said to be a dependency:
it may as well be a slip.
"""

from __future__ import annotations

__all__ = ["package_of"]

_ELIXIR = {
    "Absinthe": "absinthe", "Bamboo": "bamboo", "Bandit": "bandit", "Bcrypt": "bcrypt_elixir",
    "Benchee": "benchee", "Broadway": "broadway",
    "Bypass": "bypass", "Makeup": "makeup", "Cachex": "cachex", "Credo": "credo",
    "Decimal": "decimal", "Dialyxir": "dialyxir", "Earmark": "earmark", "Ecto": "ecto",
    "ExDoc": "ex_doc", "ExMachina": "ex_machina", "Explorer": "explorer", "Faker": "faker",
    "Finch": "finch", "Floki": "floki", "Flow": "flow", "GenStage": "gen_stage",
    "Gettext": "gettext", "Guardian": "guardian", "HTTPoison": "httpoison", "Horde": "horde",
    "Jason": "jason", "Kino": "kino", "LiveBook": "livebook", "Livebook": "livebook",
    "Mint": "mint", "Mox": "mox", "NimbleCSV": "nimble_csv", "NimbleOptions": "nimble_options",
    "NimbleParsec": "nimble_parsec", "NimblePool": "nimble_pool", "Nx": "nx", "Oban": "oban",
    "Phoenix": "phoenix", "Plug": "plug", "Poison": "poison", "Postgrex": "postgrex",
    "PropCheck": "propcheck", "Quantum": "quantum", "Redix": "redix", "Req": "req",
    "StreamData": "stream_data", "ExUnitProperties": "stream_data", "Swoosh": "swoosh",
    "Telemetry": "telemetry", "Tesla": "tesla", "Timex": "timex", "Tzdata": "tzdata",
    "VegaLite": "vega_lite", "Benchfella": "benchfella", "Libcluster": "libcluster",
    "Circuits": "circuits", "Nerves": "nerves", "Memento": "memento", "Amnesia": "amnesia",
    "Poolboy": "poolboy", "Ash": "ash", "Bumblebee": "bumblebee", "Axon": "axon", "EXLA": "exla",
}  # fmt: skip
_ERLANG = {
    ":observer": "OTP's observer", ":int": "OTP's debugger", ":debugger": "OTP's debugger",
    ":wx": "OTP's wx", ":mnesia": "OTP's mnesia", ":dialyzer": "OTP's dialyzer",
    ":snmp": "OTP's snmp", ":ftp": "OTP's ftp", ":eldap": "OTP's eldap",
    ":cowboy": "cowboy", ":cowboy_req": "cowboy", ":cowboy_router": "cowboy", ":ranch": "ranch",
    ":gun": "gun", ":hackney": "hackney", ":jsx": "jsx", ":jiffy": "jiffy", ":poolboy": "poolboy",
    ":lager": "lager", ":meck": "meck", ":proper": "proper", ":ibrowse": "ibrowse",
    ":telemetry": "telemetry", ":recon": "recon", ":gproc": "gproc", ":lhttpc": "lhttpc",
    ":mochiweb": "mochiweb", ":folsom": "folsom", ":exometer": "exometer", ":cowlib": "cowlib",
    ":syn": "syn", ":ra": "ra", ":riak_core": "riak_core", ":mochijson2": "mochiweb",
    ":erlydtl": "erlydtl", ":epgsql": "epgsql", ":eredis": "eredis", ":rebar3": "rebar3",
    ":fuse": "fuse", ":uuid": "uuid", ":base64url": "base64url", ":jose": "jose",
    ":ssl_verify_fun": "ssl_verify_fun", ":luerl": "luerl", ":yamerl": "yamerl",
}  # fmt: skip
# packages whose modules begin with these
_FAMILIES = frozenset((":cowboy", ":cow", ":ranch", ":proper", ":jose", ":syn", ":ra"))


def package_of(module: str) -> str:
    """The package, empty when it is none that is known here. Modules are named as in Elixir."""
    if module.startswith(":"):
        base = module.split("_", 1)[0]
        return _ERLANG.get(module, "") or (_ERLANG.get(base, "") if base in _FAMILIES else "")
    return _ELIXIR.get(module.partition(".")[0], "")
