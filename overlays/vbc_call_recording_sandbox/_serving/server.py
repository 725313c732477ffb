"""The HTTP server, in a thread of its own."""

import socket
import threading
import time

import uvicorn
from starlette.types import ASGIApp

from .connection import Connection


class Server:
    """uvicorn in a daemon thread."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            http=Connection,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,  # the gate knows what time the server thinks it is
            timeout_keep_alive=75,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="vbc-sandbox", daemon=True
        )

    def start(self) -> None:
        """Start it, and come back when it can be asked."""
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the sandbox's server did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop it, whatever is still being sent."""
        self._server.should_exit = True
        # Whoever stalls on purpose would otherwise keep the server waiting.
        self._server.servers[0].get_loop().call_soon_threadsafe(self._abort_connections)
        self._thread.join()

    def _abort_connections(self) -> None:
        for connection in list(self._server.server_state.connections):
            assert isinstance(connection, Connection)
            connection.transport.abort()


def listen(host: str, port: int) -> socket.socket:
    """A socket at this address; port 0 is a free one."""
    # Named explicitly, or asyncio would not know it for TCP and leave Nagle's delays on.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except BaseException:
        listener.close()
        raise
    return listener
