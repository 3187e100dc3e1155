"""The carrier as a process of its own: `python -m tests.carrier --port 9000 --webhook http://127.0.0.1:8000/twilio/inbound`."""

import argparse

import uvicorn
import uvloop

from tests.carrier.app import Carrier
from tests.carrier.book import Account
from tests.carrier.network import Network


def main() -> None:
    """Read the arguments and serve until stopped."""
    own = Account()
    parser = argparse.ArgumentParser(prog="python -m tests.carrier", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--webhook", default=own.webhook, help="where inbound messages are posted")
    parser.add_argument("--fallback", default=None, help="where they are posted if that fails")
    parser.add_argument("--account-sid", default=own.sid)
    parser.add_argument("--auth-token", default=own.auth_token)
    parser.add_argument("--sms", default=own.sms)
    parser.add_argument("--whatsapp", default=own.whatsapp)
    parser.add_argument("--seed", type=int, default=0, help="repeats the same chances")
    given = parser.parse_args()
    account = Account(
        sid=given.account_sid,
        auth_token=given.auth_token,
        sms=given.sms,
        whatsapp=given.whatsapp,
        webhook=given.webhook,
        fallback=given.fallback,
        api=f"http://{given.host}:{given.port}",
    )
    uvloop.run(_serve(account, given.host, given.port, given.seed))


async def _serve(account: Account, host: str, port: int, seed: int) -> None:
    network = Network()
    carrier = Carrier(account, client=network, seed=seed)
    try:
        await uvicorn.Server(
            uvicorn.Config(carrier, host=host, port=port, log_level="warning", lifespan="off", access_log=False)
        ).serve()
    finally:
        await network.close()


if __name__ == "__main__":
    main()
