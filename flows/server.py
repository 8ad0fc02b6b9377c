"""Prefect's temporary server, tied to this process: it ends however this process ends.

Prefect stops it when Python exits, which a killed process can't. So the server is started with this very file: it holds
one end of a pipe from its first instant, the kernel closes the other end with us, and it then ends itself.
"""

import gc
import os
import signal
import subprocess
import sys
import threading
import time

_GRACE_SECONDS = 5


def ensure_server() -> None:
    """Start a server for this process, unless there is one to use; Prefect finds it, and stops it at the end."""
    from prefect.settings import PREFECT_API_URL, get_current_settings

    if PREFECT_API_URL.value():
        return
    from prefect.server.api.server import SubprocessASGIServer  # takes seconds

    class Tied(SubprocessASGIServer):
        # No part of Prefect's interface: were it renamed, the tests that kill a run would see its server live on.
        def _run_uvicorn_command(self) -> subprocess.Popen[bytes]:
            server = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}
            settings = get_current_settings().to_environment_variables(exclude_unset=True)
            return subprocess.Popen(  # noqa: S603 - this file and a number
                [sys.executable, "-P", __file__, str(self.port)],
                env=os.environ | server | settings,
                stdin=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C in the terminal reaches its whole group, and is meant for winnow alone
            )

    Tied().start()


def _serve(port: int) -> None:
    """Serve until told to stop, or until the process that started this one is gone."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.set_threshold(50_000, 20, 50)  # as `flows.environment` has it, which this file can't import
    import uvicorn

    # It exits with 3 when the port is taken, and Prefect tries another.
    uvicorn.run("prefect.server.api.server:create_app", factory=True, port=port, log_level="error", lifespan="on")


def _end_with_parent() -> None:
    os.read(0, 1)  # nothing is ever written: it returns when the other end is closed
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
