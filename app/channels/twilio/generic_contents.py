"""The generic contents as resources of Twilio's Content API, which is how Twilio sends buttons and lists. Pure."""

from app.channels.interactive import Content, Option
from app.flows.engine.buttons import Shape

OPENER = "Ver opciones"
"""The button that opens a list."""

LANGUAGE = "es"


def resource(content: Content) -> dict[str, object]:
    """The body of the POST that creates a content. The samples replace missing values; there are none."""
    size = len(content.values(Option("", "", 0)))
    marks = [[f"{{{{{2 + size * place + value}}}}}" for value in range(size)] for place in range(content.count)]
    samples = {str(number): f"valor {number}" for number in range(1, 2 + size * content.count)}
    if content.shape is Shape.buttons:
        types: dict[str, object] = {
            "twilio/quick-reply": {
                "body": "{{1}}",
                "actions": [{"title": mark[0], "id": mark[1]} for mark in marks],
            }
        }
    else:
        items = [{"item": mark[0], "id": mark[1], "description": mark[2]} for mark in marks]
        types = {"twilio/list-picker": {"body": "{{1}}", "button": OPENER, "items": items}}
    return {"friendly_name": content.name, "language": LANGUAGE, "variables": samples, "types": types}
