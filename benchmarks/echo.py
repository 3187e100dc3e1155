"""The floor of the webhook benchmark: a bare FastAPI endpoint that takes a form and answers, and does nothing else."""

from typing import Annotated

from fastapi import FastAPI, Form, Response

app = FastAPI(openapi_url=None)


@app.post("/twilio/inbound")
async def echo(
    body: Annotated[str, Form(alias="Body")] = "", sender: Annotated[str, Form(alias="From")] = ""
) -> Response:
    """Answer as the service does, having kept nothing."""
    return Response(f"<Response/><!--{len(body) + len(sender)}-->", media_type="text/xml")
