"""Prefect's temporary server, tied to this process: it ends however this process ends.

Prefect would start one by itself, and to that end load the whole server into this process, too: that takes longer than
reading ten thousand rows. So it is started here and Prefect is told its address. Stopped at exit, which a killed
process can't do: therefore the server is started with this very file, which holds one end of a pipe from its first
instant; the kernel closes the other end with us, and it then ends itself.
"""

import atexit
import contextlib
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time

_GRACE_SECONDS = 5
_PORT_TAKEN = 3  # uvicorn's exit code
_PORTS_TRIED = 5


def ensure_server() -> None:
    """Start a server for this process, unless there is one to use; it is stopped at the end.

    Raises
    ------
    RuntimeError
        None came up.
    """
    from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS

    from tasks import prefect_server

    if PREFECT_API_URL.value():
        return
    code, patience = _PORT_TAKEN, PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS.value()
    for _ in range(_PORTS_TRIED):
        url, server = _started()
        atexit.register(_stop, server)
        ended = prefect_server.wait_for(url, patience, server.poll)
        if ended is None:
            prefect_server.use(url)
            return
        if (code := ended) != _PORT_TAKEN:
            break
    why = f"it ended with code {code}" if code >= 0 else f"it gave no answer for {patience:g} s"
    raise RuntimeError(f"The temporary Prefect API server did not start: {why}.")


def _started() -> tuple[str, subprocess.Popen[bytes]]:
    """Start a server on a free port: its address, and the process."""
    from prefect.settings import get_current_settings

    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}
    settings = get_current_settings().to_environment_variables(exclude_unset=True)
    process = subprocess.Popen(  # noqa: S603 - this file and a number
        [sys.executable, "-P", __file__, str(port)],
        env=os.environ | server | settings,
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C in the terminal reaches its whole group, and is meant for winnow alone
    )
    return f"http://127.0.0.1:{port}/api", process


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _serve(port: int) -> None:
    """Serve until told to stop, or until the process that started this one is gone."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.set_threshold(50_000, 20, 50)  # as `flows.environment` has it, which this file can't import
    import uvicorn

    # Where the port was taken meanwhile it exits with `_PORT_TAKEN`.
    uvicorn.run("prefect.server.api.server:create_app", factory=True, port=port, log_level="error", lifespan="on")


def _end_with_parent() -> None:
    os.read(0, 1)  # nothing is ever written: it returns when the other end is closed
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
