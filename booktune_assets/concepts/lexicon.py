"""What Elixir, Erlang and OTP call their ideas, and how each looks in code.

Belongs here: one table of concept, wordings and code signature, in our own words. Does not: finding
them in a book (``mentions.py``), concepts that a book brings itself (``graph.py``).

A wording with a capital letter is matched with its case (``Task`` is the module, a task is a
chore); all others in any case and number. A signature is a regular expression over code without
strings and comments.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LEXICON", "STANDARD_MODULES", "Entry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A known concept: canonical label, other wordings, signature in code (may be empty).

    ``bare`` are words that name it only when they stand alone, as a heading, an entry of an index
    or the name of a file: in running text they are everyday words. ``shown`` are patterns of
    ``beam.patterns`` and facts of ``concepts.shown`` that show it in a syntax tree.
    """

    label: str
    aliases: tuple[str, ...] = ()
    code: str = ""
    kind: str = "term"
    bare: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()


def _term(label: str, *aliases: str, code: str = "", bare: str = "", shown: str = "") -> Entry:
    return Entry(label, aliases, code, "term", _several(bare), _several(shown))


def _form(label: str, *aliases: str, code: str = "", bare: str = "", shown: str = "") -> Entry:
    return Entry(label, aliases, code, "construct", _several(bare), _several(shown))


def _several(words: str) -> tuple[str, ...]:
    return tuple(word for word in words.split(";") if word)


_FLOAT = r"(?<![\w.:])\d+\.\d+(?:[eE][+-]?\d+)?(?!\w|[.:]\d)"  # no version, no time of day

LEXICON: tuple[Entry, ...] = (
    _term("Elixir", "Elixir language", "Elixir programming language"),
    _term("Erlang", "Erlang/OTP", "Erlang language"),
    # values
    _term("integer", "whole number"),
    _term("float", "floating point number", "floating-point number", code=_FLOAT),
    _term("atom", code=r"(?<![:\w]):[a-z_]\w*[!?]?"),
    _term("boolean", code=r"\b(?:true|false)\b"),
    _term("string", "UTF-8 string", code=r"\""),
    _form("string interpolation", "interpolation", shown="interpolates"),
    _term("charlist", "character list", "char list", code=r"~c\""),
    _term("binary", "binary data", code=r"<<"),
    _term("bitstring", "bit string", "bitstring literal", code=r"<<[^<>]*::"),
    _term(
        "bitwise operator",
        "bit manipulation",
        "bitwise operation",
        "Bitwise",
        code=r"\bBitwise\b|<<<|>>>|&&&|\bb(?:and|or|xor|sl|sr|not)\b",
    ),
    _term("list", "linked list", code=r"\["),
    _term("improper list"),
    _form("cons operator", "head and tail", "cons cell", code=r"\[[^\[\]]*\|[^|>]"),
    _term("tuple", code=r"(?<![%#])\{"),
    _term("tagged tuple", "ok tuple", code=r"\{:?(?:ok|error),"),
    _term("keyword list", code=r"\[\s*[a-z_]\w*: "),
    _term("map", code=r"%\{|#\{"),
    _term("struct", code=r"%[A-Z]\w*[\w.]*\{|\bdefstruct\b"),
    _term("record", "Erlang record", code=r"-record\(|#[a-z_]\w*\{"),
    _term("range", code=r"[\w)]\.\.[\w(-]"),
    _term(
        "random number",
        "randomness",
        "random value",
        "pseudo-random number",
        code=r"\brand[.:]\w|\bEnum\.(?:random|shuffle)\b",
    ),
    _form("sigil", code=r"~[a-zA-Z][\"'(\[{|/<]"),
    _term(
        "date and time",
        "DateTime",
        "NaiveDateTime",
        "time zone",
        bare="dates;calendar types",
        code=r"\b(?:Naive)?DateTime\b|\bDate\.\w|\bTime\.\w|~[DTNU]\[",
    ),
    _term("regular expression", "regex", code=r"~r|\bRegex\."),
    _term("MapSet", code=r"\bMapSet\.", bare="sets"),
    _term("nil", code=r"\bnil\b"),
    _term("PID", "process identifier", "process id"),
    _term("reference", code=r"\bmake_ref\("),
    _term("immutability", "immutable data", "immutable value"),
    _term("dynamic typing", "dynamically typed language", "dynamically-typed language"),
    # matching and control
    _term("variable", "variable binding", "rebinding"),
    _term(
        "pattern matching", "pattern match", "match operator", shown="pattern_heads;destructures"
    ),
    _form("pin operator", code=r"\^[a-z_]", shown="pin"),
    _term("destructuring", shown="destructures"),
    _form(
        "guard",
        "guard clause",
        "guard expression",
        "guard sequence",
        code=r"\bwhen\b",
        shown="guard",
    ),
    _form("case", "case expression", "case statement", code=r"\bcase\b.*(?:\bdo\b|\bof\b)"),
    _form("cond", "cond expression", "cond statement", code=r"\bcond do\b"),
    _form(
        "if expression",
        "if and unless",
        "if/else",
        "if statement",
        "if macro",
        code=r"\b(?:if|unless)\b",
        bare="if;unless",
    ),
    _form(
        "with expression",
        "with statement",
        "with special form",
        "with construct",
        code=r"\bwith\b.*<-",
        bare="with",
        shown="with",
    ),
    _term("boolean operator", "logical operator", code=r"\b(?:andalso|orelse|and|or)\b|&&|\|\|"),
    _term("comparison operator", code=r"===?|!==?|=:=|=/="),
    _term("strict equality"),
    # functions and modules
    _form("anonymous function", "lambda", code=r"\bfn\b|\bfun\s*\("),
    _form("capture operator", "function capture", "capture syntax", code=r"&[\w.(]"),
    _form("named function", code=r"\bdefp?\s+[a-z_]"),
    _form("private function", code=r"\bdefp\b"),
    _term(
        "function clause",
        "multiple clauses",
        "multi-clause function",
        "multiple clause function",
        "multiple function clauses",
        "clauses of a function",
        shown="clauses",
    ),
    _term("arity"),
    _form("default argument", "default value", "default parameter", code=r"\\\\", shown="defaults"),
    _term("closure"),
    _term("higher-order function", "higher order function"),
    _term("first-class function"),
    _term("pure function", "side effect"),
    _form("module", code=r"\bdefmodule\b|-module\("),
    _form("module attribute", code=r"@[a-z_]\w* (?!do)|-define\("),
    _form("pipe operator", "pipe", "pipeline operator", code=r"\|>", shown="pipeline"),
    _form("alias directive", "module alias", code=r"\balias [A-Z]", bare="alias;aliases"),
    _form(
        "import directive",
        "importing functions",
        code=r"\bimport [A-Z]|-import\(",
        bare="import;imports",
    ),
    _form("require directive", code=r"\brequire [A-Z]", bare="require"),
    _form("use macro", "use directive", code=r"\buse [A-Z]|\b__using__\b", bare="use"),
    _term(
        "Erlang library",
        "Erlang module",
        "Erlang function",
        "Erlang interoperability",
        "Erlang standard library",
        code=r"(?<![:\w]):(?!ok\b|error\b)[a-z]\w*\.[a-z_]\w*",
    ),
    _term(
        "dynamic dispatch", "dynamic function call", code=r"\bapply\(|\b(?:module|mod|Mod)\.[a-z_]"
    ),
    _term("export", code=r"-export\("),
    _form(
        "type specification",
        "typespec",
        "type spec",
        "specification",
        code=r"@spec\b|-spec\b|@type\b",
    ),
    _form(
        "documentation attribute",
        "doc comment",
        "ExDoc",
        "writing documentation",
        code=r"@(?:module)?doc\b",
        bare="docs;doc;documentation",
    ),
    _form("doctest", "doc test", code=r"\bdoctest\b"),
    # iteration
    _term("recursion", "recursive function", "recursive call", shown="recursion;tail_recursion"),
    _term(
        "tail recursion",
        "tail call",
        "tail-call optimisation",
        "tail call optimization",
        "tail call recursion",
        "tail-recursive function",
        "last call optimisation",
        shown="tail_recursion",
    ),
    _term("accumulator"),
    _term("base case"),
    _term("enumerable", "Enum", "Enum module", code=r"\bEnum\.", bare="enum"),
    _term("stream", "Stream", "lazy enumerable", code=r"\bStream\."),
    _term("lazy evaluation", "laziness"),
    _form(
        "comprehension",
        "list comprehension",
        "for comprehension",
        code=r"\bfor\b.*<-|\|\|.*<-",
        shown="comprehension",
    ),
    _term("reduce", "fold", code=r"\bEnum\.reduce|\blists:fold[lr]\("),
    _term("filter", code=r"\bEnum\.(?:filter|reject)\b|\blists:filter\("),
    # processes and messages
    _term("process", "lightweight process", "BEAM process", code=r"\bspawn(?:_link|_monitor)?\b"),
    _form("spawn", "spawning", code=r"\bspawn(?:_link|_monitor)?\("),
    _term("message passing", "sending messages", code=r"\bsend[ (]| ! "),
    _term("mailbox", "message queue", "process mailbox"),
    _form("receive", "receive block", "receive expression", code=r"\breceive\b"),
    _form("selective receive", code=r"\breceive\b"),
    _form("timeout", "after clause", code=r"\bafter\b"),
    _term("process state", "process loop", "server loop", shown="receive_loop"),
    _term(
        "link",
        "process link",
        "linked process",
        code=r"\b(?:spawn_link|Process\.link|link\()",
        shown="link",
    ),
    _term(
        "monitor",
        "process monitor",
        code=r"\b(?:Process\.monitor|spawn_monitor|monitor\()",
        shown="monitor",
    ),
    _term("exit signal", "exit reason", code=r"\bexit\("),
    _form("trapping exits", "trap exits", "trap_exit", code=r"trap_exit"),
    _term("concurrency", "concurrent program"),
    _term("parallelism"),
    _term("actor model"),
    _term("scheduler", "preemptive scheduling"),
    _term("process dictionary"),
    _term(
        "name registration",
        "registered name",
        "registered process",
        code=r"\b(?:Process\.)?register\(",
    ),
    # OTP
    _term(
        "OTP", "Open Telecom Platform", code=r"\b(?:GenServer|Supervisor|gen_server|supervisor)\b"
    ),
    _term(
        "GenServer",
        "generic server",
        "gen_server",
        code=r"\bGenServer\b|\bgen_server\b",
        shown="gen_server",
    ),
    _form("callback", "callback function", code=r"@impl\b|@callback\b|-callback\b"),
    _form(
        "call and cast",
        "GenServer call",
        "synchronous call",
        "synchronous request",
        code=r"\bhandle_(?:call|cast)\b",
    ),
    _form("handle_info", "handle_info callback", code=r"\bhandle_info\b"),
    _term(
        "behaviour", "behavior", code=r"@(?:behaviour|callback)\b|-behaviou?r\(", shown="behaviour"
    ),
    _term("supervisor", "Supervisor", code=r"\bSupervisor\b|\bsupervisor\b", shown="supervisor"),
    _term("supervision tree", "supervisor tree"),
    _term(
        "supervision strategy",
        "restart strategy",
        "one_for_one",
        "one_for_all",
        "rest_for_one",
        code=r"\bone_for_(?:one|all)|rest_for_one",
    ),
    _term("child specification", "child spec", code=r"\bchild_spec\b"),
    _term("restart intensity", "max_restarts", code=r"\bmax_restarts\b"),
    _term(
        "dynamic supervisor",
        "DynamicSupervisor",
        code=r"\bDynamicSupervisor\b",
        shown="dynamic_supervisor",
    ),
    _term("Task", "Task module", "async task", code=r"\bTask\.", bare="task", shown="task"),
    _term("Agent", "Agent module", code=r"\bAgent\.", bare="agent", shown="agent"),
    _term("Registry", "process registry", code=r"\bRegistry\.", shown="registry"),
    _term("ETS", "ETS table", "Erlang Term Storage", code=r":ets\.|\bets:", shown="ets"),
    _term("DETS", code=r":dets\.|\bdets:"),
    _term("Mnesia", code=r"mnesia"),
    _term(
        "OTP application",
        "application callback",
        code=r"\buse Application\b|-behaviou?r\(application\)",
        shown="application",
    ),
    _term("application environment", code=r"\bApplication\.(?:get_env|fetch_env)"),
    _term("release", "OTP release", code=r"\bmix release\b"),
    _term("state machine", "gen_statem", code=r"gen_statem", shown="gen_statem"),
    _term("GenStage", code=r"\bGenStage\b"),
    _term("hot code loading", "hot code upgrade", "hot code swapping", "code reloading"),
    _term("distributed Erlang", "distributed node", "node", code=r"\bNode\."),
    # errors
    _term(
        "error handling",
        "handling errors",
        "error value",
        "error reason",
        bare="error;errors",
        code=r"\{:?error\b|\brescue\b|\bcatch\b",
    ),
    _term("exception", "custom exception", code=r"\b(?:raise|defexception)\b"),
    _form("raise", code=r"\braise[ (]"),
    _form(
        "try and rescue",
        "try/rescue",
        "rescue clause",
        "try expression",
        "try/rescue/else/after",
        "try/catch/rescue",
        code=r"\b(?:rescue|try do)\b",
    ),
    _form("throw and catch", "try/catch", "throw", code=r"\b(?:throw|catch)\b"),
    _term("let it crash", "let-it-crash", shown="let_it_crash"),
    _term("fault tolerance", "fault-tolerant system"),
    _term("bang function", "trailing bang"),
    # abstraction and tools
    _form("protocol", code=r"\bdefprotocol\b|\bdefimpl\b", shown="protocol"),
    _term("polymorphism"),
    _form("macro", code=r"\bdefmacro\b"),
    _form("quote and unquote", "quoted expression", "unquote", code=r"\b(?:quote do|unquote\()"),
    _term("abstract syntax tree", "AST"),
    _term("metaprogramming"),
    _term("hygiene", "macro hygiene", "hygienic macro"),
    _term("Mix", "mix.exs", "Mix project", code=r"\buse Mix\.Project\b|^\s*\$? ?mix "),
    _term("Hex", "Hex package", "hex package manager"),
    _term("IEx", "interactive shell", "Elixir shell"),
    _term("ExUnit", "unit test", code=r"\bExUnit\b|\bassert\b"),
    _term("EUnit", code=r"\beunit\b"),
    _form("assertion", code=r"\b(?:assert|refute)(?:_\w+)?\b"),
    _term("test setup", "setup callback", code=r"^\s*setup\b"),
    _term("property-based testing", "property based test", "StreamData"),
    _term("Dialyzer", "dialyzer"),
    _term("application", code=r"\bApplication\."),
    _term("BEAM", "Erlang virtual machine", "Erlang VM", "BEAM virtual machine"),
    _term("garbage collection", "garbage collector"),
    _term("escript"),
    _term("NIF", "native implemented function"),
    _term(
        "I/O", "IO", "IO module", "input and output", "standard output", code=r"\bIO\.|\bio:format"
    ),
    _term("file handling", "File module", "File", code=r"\bFile\.|\bfile:", bare="file;files"),
    _term("I/O device", "group leader"),
    _term("Phoenix", "Phoenix framework"),
    _term("LiveView", "Phoenix LiveView"),
    _term("Ecto", code=r"\bEcto\."),
    _term("Plug", code=r"\bPlug\."),
    _term("Livebook"),
    _term("Nerves"),
    _term("Cowboy", code=r"\bcowboy\b"),
    _term("access syntax", "Access behaviour"),
    _term("umbrella project"),
    _term("telemetry"),
)

_STANDARD_MODULES_WORDS = """
Access Agent Application Atom Base Bitwise Calendar Code Date DateTime Duration
DynamicSupervisor Enum Enumerable Exception ExUnit File Float Function GenServer IEx IO Inspect
Integer Kernel Keyword List Logger Macro Map MapSet Mix Module NaiveDateTime Node OptionParser
PartitionSupervisor Path Port Process Protocol Range Record Regex Registry Set Stream String
StringIO Supervisor System Task Time Tuple URI Version Collectable String.Chars Task.Supervisor
IO.ANSI File.Stream ExUnit.Case lists maps io io_lib gen_server supervisor proplists string
binary ets dets erlang timer file math rand queue sets ordsets dict orddict array calendar code
crypto application gen_statem proc_lib sys gen_event gen_tcp gen_udp inet os re unicode zlib
logger eunit mnesia rpc global net_kernel init filename filelib base64 atomics counters
persistent_term pg digraph
"""
STANDARD_MODULES = frozenset(_STANDARD_MODULES_WORDS.split())
