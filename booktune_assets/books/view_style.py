"""How the view of a book looks: colours of block kinds and the style sheet.

Belongs here: CSS. Does not: HTML (``view.py``). No script: kinds are switched off by check boxes
that the style sheet looks at, so the page works from a file and under any content policy.
"""

from __future__ import annotations

__all__ = ["COLORS", "style_of"]

# Told apart by colour-blind readers too (Okabe and Ito, 2008): one colour per family of kinds.
COLORS = {
    "heading": "#d55e00", "prose": "#8a8a8a", "list": "#6f6f6f", "code": "#0072b2",
    "iex": "#009e73", "erl_shell": "#00795a", "output": "#56b4e9", "table": "#cc79a7",
    "caption": "#e69f00", "figure": "#c98b00", "footnote": "#a67c00", "callout": "#8a2be2",
    "exercise": "#c71585", "answer": "#2e8b57", "running_head": "#b0b0b0",
}  # fmt: skip

_STYLE = """
:root{color-scheme:light dark;--ink:#1d1d1f;--soft:#56565c;--paper:#fff;--line:#d9d9de;
--panel:#f6f6f8;--mark:#fff3c4;--bad:#b00020;--link:#0b57a4;--was:#8b1a1a;--now:#0a5c36}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8ea;--soft:#a9a9b0;--paper:#17181b;
--line:#3a3b40;--panel:#212226;--mark:#4a4116;--bad:#ff8a8a;--link:#8ec2ff;--was:#ff9d9d;
--now:#7fd6a8}}
*{box-sizing:border-box}html{scroll-padding-top:3.2rem}
body{font:15px/1.5 system-ui,sans-serif;margin:0;color:var(--ink);background:var(--paper)}
a{color:var(--link)}a:focus-visible,input:focus-visible,summary:focus-visible{
outline:3px solid var(--link);outline-offset:2px}
.book{display:grid;grid-template-columns:17rem minmax(0,1fr);align-items:start}
.side{position:sticky;top:0;height:100vh;overflow:auto;background:var(--panel);
border-right:1px solid var(--line);padding:.8rem 1rem;font-size:.85rem}
.side h2{font-size:.8rem;margin:1rem 0 .3rem;color:var(--soft);text-transform:uppercase;
letter-spacing:.04em}
.side ol{list-style:none;margin:0;padding:0}.side nav li{display:flex;gap:.5rem;padding:.08rem 0}
.side nav em{font-style:normal;color:var(--soft)}
.side nav a,.side nav em{text-decoration:none;flex:1;overflow-wrap:anywhere}
.side nav span,.n{color:var(--soft);
font-variant-numeric:tabular-nums}
.side label{display:flex;gap:.4rem;align-items:center;padding:.08rem 0;cursor:pointer}
.side label .n{margin-left:auto}.chip{width:.8rem;height:.8rem;border-radius:2px;flex:none}
main{padding:0 1.5rem 4rem;max-width:112rem}
h1{font-size:1.5rem;margin:1rem 0 .2rem}.sum{color:var(--soft);margin:.2rem 0 .8rem}
.sum table{border-collapse:collapse}td,th{padding:.05rem .9rem .05rem 0;text-align:left}
td.n{text-align:right}
.warn{border-left:4px solid #e69f00;background:var(--panel);padding:.4rem .8rem;margin:.6rem 0}
.warn ul{margin:.2rem 0;padding-left:1.2rem}.bad{color:var(--bad);font-weight:650}
.bar{position:sticky;top:0;z-index:3;display:flex;flex-wrap:wrap;gap:.3rem 1rem;
align-items:baseline;background:var(--paper);border-bottom:1px solid var(--line);padding:.45rem 0;
font-size:.85rem;color:var(--soft)}.bar strong{color:var(--ink)}.bar .go{margin-left:auto}
.page{margin:1.6rem 0}.sheets{display:grid;grid-template-columns:minmax(18rem,5fr) 6fr;gap:1.5rem;
margin-top:.8rem}.flow .sheets{grid-template-columns:minmax(0,60rem)}
.sheet{position:relative;align-self:start;background:#fff}
.sheet img{width:100%;display:block;border:1px solid var(--line)}
.box{position:absolute;border-radius:1px;box-shadow:0 0 0 2px var(--c);
background:color-mix(in srgb,var(--c) 7%,#0000)}
.box:hover,.box:focus-visible,.box:target{background:color-mix(in srgb,var(--c) 28%,#0000)}
.block{border-left:4px solid var(--c);padding:.1rem .7rem;margin:.4rem 0;overflow-wrap:anywhere}
.block:target,.block:hover{background:var(--mark)}
.kind{font-size:.75rem;color:var(--soft)}.kind a{color:inherit}
pre{margin:.15rem 0;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:4;
font:13px/1.4 ui-monospace,"DejaVu Sans Mono",monospace}.block h3{margin:.1rem 0;font-size:1.05rem}
.took{font-size:.78rem;color:var(--soft);margin:.1rem 0;overflow-wrap:anywhere}
.took del{color:var(--was);text-decoration:none;border-bottom:2px solid currentColor}
.took ins{color:var(--now);text-decoration:none;border-bottom:2px dotted currentColor}
.took code{font:12px ui-monospace,"DejaVu Sans Mono",monospace;white-space:break-spaces}
.figures{display:flex;flex-wrap:wrap;gap:1rem}.figures figure{width:14rem;margin:0}
.figures a{text-decoration:none}.figures a:hover figcaption{text-decoration:underline}
figure img{max-width:100%;max-height:12rem;border:1px solid var(--line);background:#fff}
.block figure{margin:.3rem 0}figcaption{font-size:.8rem;color:var(--soft)}
details>summary{cursor:pointer;font-size:.8rem;color:var(--soft)}
@media(max-width:70rem){.book{grid-template-columns:1fr}.side{position:static;height:auto;
max-height:40vh}.sheets{grid-template-columns:1fr}}
@media print{.side,.go{display:none}.book{display:block}.page{break-inside:avoid}}
"""


def style_of(kinds: list[str]) -> str:
    """The style sheet, with a rule for each kind that occurs: its colour, and its switch."""
    rules = [
        f".k-{kind}{{--c:{COLORS[kind]}}}"
        f"body:has(#s-{kind}:not(:checked)) .k-{kind}{{display:none}}"
        for kind in kinds
    ]
    switch = "body:has(#s-changes:not(:checked)) .took{display:none}"
    return f"{_STYLE}{switch}\n" + "\n".join(rules)
