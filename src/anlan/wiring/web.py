"""The web process: uvicorn with patient connections, and open streams closed first when it is told to end."""

import argparse
import os
import sys
from types import FrameType

import uvicorn

from anlan.foundation.overload.connections import (
    Patience,
    look_at_all,
    make_room_for_connections,
    patient,
)
from anlan.wiring import asgi
from anlan.wiring.heap import freeze_heap
from anlan.wiring.settings import BEHIND_TLS

GRACE_SECONDS = 10  # for requests under way
KEEP_ALIVE_SECONDS = 5
TICKS_A_LOOK = 10  # uvicorn's clock ticks ten times a second
# A thread that computes lets the event loop in after so long: with eight busy ones, Python's 5 ms add up.
SWITCH_SECONDS = 0.001


class GracefulServer(uvicorn.Server):
    """Ends at once: an open stream would otherwise hold the shutdown until its time runs out."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Close the streams, then let uvicorn finish what is under way."""
        close_streams = getattr(asgi, "close_streams", None)
        if close_streams is not None:
            close_streams()
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Look at all connections once a second."""
        if counter % TICKS_A_LOOK == 0:
            look_at_all(self.server_state.connections)
        return await super().on_tick(counter)


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m anlan.wiring.web")
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    chosen = parser.parse_args()
    sys.setswitchinterval(SWITCH_SECONDS)
    freeze_heap()
    most = make_room_for_connections(Patience().most_connections)
    config = uvicorn.Config(
        asgi.application,
        host=chosen.host,
        port=chosen.port,
        http=patient(Patience(most_connections=most), asgi.answered_early),
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
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
