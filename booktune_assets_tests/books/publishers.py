# ruff: noqa: E501 (pages of publishers, one element a line)
"""Bodies of EPUB pages as publishers and converters set them, around the same listings.

Each holds MODULE, and SESSION or ERLANG where it sets several listings.
"""

from __future__ import annotations

from html import escape

from booktune_assets_tests.books.makers import ERLANG, MODULE, SESSION

__all__ = ["CALIBRE_CSS", "SHAPES", "hard"]


def hard(line: str, blank: str = "") -> str:
    """A line whose indentation is set with fixed spaces."""
    bare = line.lstrip(" ")
    return "&#160;" * (len(line) - len(bare)) + escape(bare, quote=False) if bare else blank


def soft(code: str) -> str:
    return escape(code, quote=False)


def each(code: str, before: str, after: str, blank: str = "") -> str:
    return "".join(f"{before}{hard(line, blank)}{after}" for line in code.split("\n"))


FIRST, REST = MODULE.split("\n", 1)
NUMBERS = "\n".join(str(n) for n in range(1, MODULE.count("\n") + 2))

PRAGMATIC = (
    '<h1 class="chapter"><span class="chapter-number">Chapter 1</span><br/><span>Tides</span></h1>'
    '<div class="livecodelozenge"><a href="http://media.example/tide.ex">code/tide.ex</a></div>'
    '<table class="processedcode">'
    + "".join(
        f'<tr><td class="codeinfo">{"Line 1" if n == 0 else "-"}</td><td class="codeprefix">&#8203; </td>'
        f'<td class="codeline">{hard(line).replace("def ", "<strong>&#8203;def&#8203;</strong> ")}</td></tr>'
        for n, line in enumerate(MODULE.split("\n"))
    )
    + "</table><p>After.</p>"
)
OREILLY = (
    '<section data-type="chapter"><h1><span class="label">Chapter 1. </span>Tides</h1>'
    '<p>Words.<a data-type="noteref" id="n1" href="#fn1">1</a></p><section data-type="sect1"><h1>First</h1>'
    '<div data-type="example"><h5><span class="label">Example 1-1. </span>A module</h5>'
    f'<pre data-type="programlisting" data-code-language="elixir">{soft(FIRST)} <a class="co" id="co1" '
    f'href="#callout1"><img src="callouts/1.png" alt="1"/></a>\n{soft(REST)}</pre></div>'
    '<dl class="calloutlist"><dt><a class="co" href="#co1"><img src="callouts/1.png" alt="1"/></a></dt>'
    '<dd><p>The module.</p></dd></dl><div data-type="note"><h6>Note</h6><p>Mind it.</p></div>'
    '<aside data-type="sidebar"><h5>Why tides</h5><p>Side words.</p></aside>'
    '<figure><div class="figure"><img src="t.png" alt="A tide"/><h6><span class="label">Figure 1-1. </span>'
    'The tide</h6></div></figure></section><div data-type="footnotes"><p data-type="footnote" id="fn1">'
    '<sup><a href="#n1">1</a></sup> A note.</p></div></section>'
)
MANNING = (
    '<h1 class="tochead"><a id="p1"></a>1 Tides</h1><h2 class="fm-head" id="h2">1.1 The tide</h2>'
    '<p class="body">Words.<a href="#fn"><sup>1</sup></a></p>'
    '<p class="fm-code-listing-caption">Listing 1.1 A module</p><pre class="programlisting">'
    + soft(MODULE).replace("true\n", 'true       <span class="fm-combinumeral">\u2776</span>\n')
    + '</pre><p class="fm-code-annotation"><span class="fm-combinumeral">\u2776</span> The answer</p>'
    '<div class="fm-sidebar-block"><p class="fm-sidebar-title">Side</p><p>Side words.</p></div>'
    '<p class="fm-figure"><img alt="" src="f.png"/></p><p class="fm-figure-caption">Figure 1.1 The tide</p>'
    '<p class="fm-footnote" id="fn"><a href="#x"><sup>1</sup></a> A note.</p>'
)
PACKT = (
    '<h1 class="chapterNumber">1</h1><h1 class="chapterTitle">Tides</h1><p>Words.</p>'
    '<h2 class="heading-2">More</h2>'
    + each(MODULE, '<p class="programlisting le22">', "</p>")
    + '<p>After.</p><div class="note"><h3>Tip</h3><p>Do it.</p></div>'
)
LEANPUB = (
    '<h1 id="c">1. Tides</h1><p>Words.<sup id="fnref-a"><a class="footnote" href="#fn-a">1</a></sup></p>'
    '<figure class="code"><figcaption>A file</figcaption><table class="highlighttable"><tr>'
    f'<td class="linenos"><div class="linenodiv"><pre>{NUMBERS}</pre></div></td>'
    f'<td class="code"><div class="highlight"><pre>{soft(MODULE)}\n</pre></div></td></tr></table></figure>'
    '<aside class="tip"><p>A tip.</p></aside><div class="footnotes"><ol><li id="fn-a"><p>A note. '
    '<a href="#fnref-a" class="reversefootnote">\u21a9</a></p></li></ol></div>'
)
CALIBRE_CSS = (
    '/* made by a converter */ .calibre8 {font-family: "Courier New", monospace; font-size: 0.8em}\n'
    ".calibre3, .calibre4 {font-weight: bold}\n.calibre9, span.mono {font-family: monospace}"
)
CALIBRE = (
    '<p class="calibre3" id="c1">Chapter 1</p><p class="calibre4">Tides</p><p class="calibre5">Words.</p>'
    + each(MODULE, '<p class="calibre8">', "</p>", blank="&#160;")
    + '<p class="calibre5">Run <span class="mono">x</span>.</p><blockquote class="calibre9">'
    + '<br class="calibre"/>\n'.join(hard(line) for line in ERLANG.split("\n"))
    + "</blockquote>"
)
INDESIGN = (
    f'<h1>Tides</h1><p class="Code-First">{hard(FIRST)}</p>'
    + each(REST, '<p class="Code">', "</p>")
    + f'<p class="Code-First">{hard(SESSION.split(chr(10))[0])}</p>'
    + each(SESSION.split("\n", 1)[1], '<p class="Code">', "</p>")
)
BREAKS = (
    f"<h1>Tides</h1><pre>{soft(MODULE).replace(chr(10), '<br/>')}</pre><p>x</p>"
    f"<pre>{soft(SESSION).replace(chr(10), '<br/>' + chr(10))}</pre><p>y</p>"
    f"<div class='code'>{'<br/>'.join(hard(line) for line in ERLANG.split(chr(10)))}</div>"
)
SPANS = (
    "<h1>Tides</h1><pre><code>"
    + "".join(f'<span style="display:block">{soft(line)}</span>' for line in MODULE.split("\n"))
    + "</code></pre><p>x</p><pre><code>"
    + "\n".join(
        f'<span class="line"><span class="k">{soft(line)}</span></span>'
        for line in SESSION.split("\n")
    )
    + "</code></pre><p>y</p><pre>"
    + "".join(
        f'<div><span class="lineno">{n}</span>{soft(line)}</div>'
        for n, line in enumerate(ERLANG.split("\n"), 1)
    )
    + "</pre>"
)
LINES = (
    f'<h1>Tides</h1><div class="programlisting">\n  {each(MODULE, "<p>", "</p>" + chr(10))}</div><p>x</p>'
    f'<div class="ProgramCode">{each(SESSION, chr(60) + "div class=" + chr(34) + "FixedLine" + chr(34) + ">", "</div>")}'
    "</div><p>y</p>"
    f'<pre class="prettyprint"><ol class="linenums">{each(ERLANG, "<li><code>", "</code></li>")}</ol></pre>'
)
SHAPES = {
    "pragmatic": (PRAGMATIC, [MODULE]), "oreilly": (OREILLY, [MODULE]), "manning": (MANNING, [MODULE]),
    "packt": (PACKT, [MODULE]), "leanpub": (LEANPUB, [MODULE]), "calibre": (CALIBRE, [MODULE, ERLANG]),
    "indesign": (INDESIGN, [MODULE, SESSION]), "breaks": (BREAKS, [MODULE, SESSION, ERLANG]),
    "spans": (SPANS, [MODULE, SESSION, ERLANG]), "lines": (LINES, [MODULE, SESSION, ERLANG]),
}  # fmt: skip
