"""The web process: uvicorn, with open streams closed first when it is told to end."""

import argparse
import os
from types import FrameType

import uvicorn

from anlan.wiring import asgi
from anlan.wiring.settings import BEHIND_TLS

GRACE_SECONDS = 10  # for requests under way


class GracefulServer(uvicorn.Server):
    """Ends at once: an open stream would otherwise hold the shutdown until its time runs out."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Close the streams, then let uvicorn finish what is under way."""
        close_streams = getattr(asgi, "close_streams", None)
        if close_streams is not None:
            close_streams()
        super().handle_exit(sig, frame)


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m anlan.wiring.web")
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    chosen = parser.parse_args()
    config = uvicorn.Config(
        asgi.application,
        host=chosen.host,
        port=chosen.port,
        timeout_graceful_shutdown=GRACE_SECONDS,
        access_log=False,
        log_config=None,  # Django's, as JSON
        server_header=False,
        lifespan="auto",
        proxy_headers=BEHIND_TLS,
    )
    GracefulServer(config).run()


if __name__ == "__main__":
    main()
