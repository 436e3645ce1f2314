"""Pages that are text alone: no script, no websocket, nothing kept of them on the server."""

from html import escape

HTML_CONTENT_TYPE = "text/html; charset=utf-8"
_PAGE_TEMPLATE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>ceasefire: {title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:15vh auto;padding:0 1rem}}
input{{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;margin:.25rem 0 1rem}}
button{{font:inherit;padding:.5rem 1rem}}</style></head>
<body><main><h1>ceasefire</h1>
{content}</main></body></html>
"""


def static_page(title: str, content: str) -> str:
    """A page with this HTML below its heading.

    >>> "<title>ceasefire: a &lt; b</title>" in static_page("a < b", "<p>No.</p>")
    True
    """
    return _PAGE_TEMPLATE.format(title=escape(title), content=content)


SIGN_IN_PAGE = static_page(
    "token",
    """<p>This page asks for the token that was printed where it was started.</p>
<form method="get" action="/"><label>Token
<input name="token" type="password" autocomplete="off" required></label>
<button>Open</button></form>""",
)
NOT_FOUND_PAGE = static_page(
    "nothing here", '<p>There is no such page.</p>\n<p><a href="/">All cases</a></p>'
)
SERVER_FULL_PAGE = static_page(
    "too many pages", "<p>Too many pages are open: close one, or try again in a minute.</p>"
)
