"""Pages that are text alone: no script, no websocket, nothing kept of them on the server."""

from ceasefire.render.html_templates import html_environment

HTML_CONTENT_TYPE = "text/html; charset=utf-8"
_TEMPLATES = html_environment("web/templates")
SIGN_IN_PAGE = _TEMPLATES.get_template("sign_in.html.jinja").render()
NOT_FOUND_PAGE = _TEMPLATES.get_template("not_found.html.jinja").render()
SERVER_FULL_PAGE = _TEMPLATES.get_template("server_full.html.jinja").render()
