"""Pieces of an HTML page: no script, nothing from elsewhere, names only as text."""

import html
from string import Template

from qsrefresh.refreshes import FolderRefresh, Outcome
from qsrefresh.safe_text import one_line

PAGE = Template("""\
<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>$title</title>
<style>
:root { color-scheme: light dark; --good: #1a7f5a; --bad: #c62828; --line: #8884; --soft: #8881; }
@media (prefers-color-scheme: dark) { :root { --good: #4cc38a; --bad: #ff6b6b; } }
* { box-sizing: border-box; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 1rem; }
h1 { font-size: 1.3rem; margin: 0; }
h2 { border-top: 2px solid var(--line); font-size: 1.15rem; margin: 2.2rem 0 0;
  padding-top: .8rem; }
p { margin: .2rem 0; }
.folder, .cause, summary, h2, h3, h4, a { overflow-wrap: anywhere; }
.quiet { opacity: .75; font-size: .875rem; }
.tiles { display: grid; gap: .5rem; grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr));
  list-style: none; margin: 1rem 0 0; padding: 0; }
.tiles li { background: var(--soft); border-radius: .5rem; padding: .5rem .7rem; }
.tiles b { display: block; font-size: 1.35rem; font-weight: 600; }
figure { margin: 0; }
figcaption { display: flex; justify-content: space-between; }
svg { display: block; width: 100%; height: auto; background: var(--soft); border-radius: .5rem; }
.good { color: var(--good); fill: var(--good); }
.bad { color: var(--bad); fill: var(--bad); }
.running { fill: currentColor; }
.trend { fill: none; stroke: currentColor; stroke-width: 1.5; }
.day { fill: none; stroke: var(--line); }
.cross { fill: none; stroke: var(--bad); stroke-width: 1.5; }
h3 { font-size: 1.05rem; margin: 1.4rem 0 .4rem; }
h4 { font-size: .95rem; margin: 1rem 0 .3rem; }
a { color: inherit; }
.folders { list-style: none; margin: 1rem 0 0; padding: 0; }
.folders li { border-top: 1px solid var(--line); padding: .5rem 0; }
.folders b { margin-right: .6em; }
details { border-top: 1px solid var(--line); padding: .45rem 0; }
summary { cursor: pointer; }
summary b { margin: 0 .4em; }
dl { display: grid; grid-template-columns: 2fr 1fr 1fr 1fr; gap: .2rem .8rem; margin: .2rem 0; }
dl div { min-width: 0; }
dt { font-size: .75rem; opacity: .75; }
dd { margin: 0; overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>$heading</h1>
$body
</body>
</html>
""")


def text(value: object) -> str:
    """Return other people's text as a page can show it: on one line, never as markup."""
    return html.escape(one_line(str(value)))


def line(value: str) -> str:
    """Return a line of advice: a paragraph, or a link where it is an address."""
    if value.strip().startswith("https://"):
        return f"<p class='cause'>{link(value.strip(), value.strip())}</p>"
    return f"<p class='cause'>{text(value.strip())}</p>"


def link(address: str, shown: str) -> str:
    """Return a link."""
    return f"<a href='{text(address)}' rel='noreferrer'>{text(shown)}</a>"


def tone(run: FolderRefresh) -> str:
    """Return how a run is coloured."""
    tones = {Outcome.SUCCESS: "good", Outcome.RUNNING: "running"}
    return tones.get(run.outcome, "bad")
