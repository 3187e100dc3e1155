"""Pages as HTML: the templates, the headers of every page, and the language that a browser has chosen. Every value is text: what officers
write is escaped, and no page has a script or a style of its own within."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.web.console.texts import LANGUAGES, Texts

LANGUAGE_COOKIE = "trato-language"
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def texts_for(request: Request) -> Texts:
    """The texts in the language that a browser has chosen, else in Spanish."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return Texts(chosen if chosen in LANGUAGES else LANGUAGES[0])


def page(template: str, t: Texts, status: int = 200, **facts: object) -> HTMLResponse:
    """A page from its template."""
    return HTMLResponse(_environment().get_template(template).render(t=t, **facts), status, headers=HEADERS)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("app.web.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
