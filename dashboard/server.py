"""The ASGI app: Streamlit's page and the routes beside it. Run it: python -m streamlit run dashboard/server.py"""

import contextlib
import importlib.util
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:  # `streamlit run` puts only the script's own folder on the path.
    sys.path.insert(0, str(ROOT))

from core.workspace import keep_private, workspace  # noqa: E402
from dashboard.addresses import LeadsSomewhere  # noqa: E402
from dashboard.base_path import configured_base  # noqa: E402
from dashboard.first_paint import FrameInDocument  # noqa: E402
from dashboard.import_lock import LOADING  # noqa: E402
from dashboard.session.visitors import NamedBrowsers  # noqa: E402
from dashboard.slow_requests import end_half_sent_requests  # noqa: E402
from dashboard.trusted_hosts import REFUSAL, TrustedPagesOnly, from_own_site  # noqa: E402

_plotly = importlib.util.find_spec("plotly")  # Found, not imported: the page draws its first text sooner.
assert _plotly is not None
assert _plotly.origin is not None
_PLOTLY = Path(_plotly.origin).parent / "package_data" / "plotly.min.js"
_LATEST_START = 3.0  # Seconds until the worker starts even if no one opens a page.
if TYPE_CHECKING:
    from core.runs.engine import Engine


def allowed(request: Request) -> bool:
    """Whether a request for data comes from a page of ours: routes stand outside Streamlit's session and sign-in."""
    return from_own_site(request.headers)


async def epochs(request: Request) -> Response:
    """GET /api/runs/{run}/epochs?since=N: the run's state and the epochs after N."""
    if not allowed(request):
        return JSONResponse(REFUSAL, status_code=403)
    try:
        since = int(request.query_params.get("since", "0"))
    except ValueError:
        return JSONResponse({"says": "since must be a whole number."}, status_code=400)
    run = request.path_params["run"]
    try:
        known = await engine()
        live = known.run(run)  # Runs of this process are in memory; only older ones may wait for the record of runs.
        answer = known.snapshot(run, since) if live else await anyio.to_thread.run_sync(known.snapshot, run, since)
    except LookupError as error:
        return JSONResponse({"says": str(error)}, status_code=404)
    except RuntimeError as error:
        return JSONResponse({"says": str(error)}, status_code=503)
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


async def scene(request: Request) -> Response:
    """GET /api/runs/{run}/scene?since=N&still=M: what is drawn of the run's network, when there is anything new; else
    nothing (204).
    """
    if not allowed(request):
        return JSONResponse(REFUSAL, status_code=403)
    try:
        since, still = (int(request.query_params.get(name, "0")) for name in ("since", "still"))
    except ValueError:
        return JSONResponse({"says": "since and still must be whole numbers."}, status_code=400)
    known = await engine()
    try:
        text = await anyio.to_thread.run_sync(known.scene, request.path_params["run"], since, still)
    except LookupError as error:
        return JSONResponse({"says": str(error)}, status_code=404)
    if text is None:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})


async def playback(request: Request) -> Response:
    """GET /api/runs/{run}/playback: the scenes of a run's kept epochs; nothing yet (204) while they are drawn."""
    if not allowed(request):
        return JSONResponse(REFUSAL, status_code=403)
    known = await engine()
    try:
        text = await anyio.to_thread.run_sync(known.playback, request.path_params["run"])
    except LookupError as error:
        return JSONResponse({"says": str(error)}, status_code=404)
    except RuntimeError as error:
        return JSONResponse({"says": str(error)}, status_code=503)
    headers = {"Cache-Control": "no-store"}
    return (
        Response(status_code=204, headers=headers)
        if text is None
        else Response(text, media_type="application/json", headers=headers)
    )


async def search(request: Request) -> Response:
    """GET /api/searches/{search}?known=N&open=5:12,6:3: how a search stands, with its trials after N and those that are
    open, each after its epoch.
    """
    if not allowed(request):
        return JSONResponse(REFUSAL, status_code=403)
    try:
        known = int(request.query_params.get("known", "0"))
        pairs = [one.split(":") for one in request.query_params.get("open", "").split(",") if one]
        going_on = {int(number): int(epoch) for number, epoch in pairs}
    except ValueError:
        return JSONResponse({"says": "known is a whole number, open a list like 5:12,6:3."}, status_code=400)
    shared = await engine()

    def answer() -> dict[str, Any]:
        from dashboard.search_feed import search_feed
        from dashboard.services import searches

        return search_feed(searches(), shared, request.path_params["search"], known, going_on)

    try:
        return JSONResponse(await anyio.to_thread.run_sync(answer), headers={"Cache-Control": "no-store"})
    except LookupError as error:
        return JSONResponse({"says": str(error)}, status_code=404)


async def plotly_js(_request: Request) -> Response:
    """GET /api/plotly.min.js: the script that the installed plotly package ships."""
    return FileResponse(_PLOTLY, media_type="text/javascript", headers={"Cache-Control": "public, max-age=86400"})


async def health(_request: Request) -> Response:
    """GET /api/health: whether the server answers and the worker is warm."""
    known = await engine()
    return JSONResponse({"ok": not known.trouble, "warm": known.warm.is_set(), "says": known.trouble})


async def engine() -> "Engine":
    """The engine; the server answers other requests while pandas is being loaded for it."""
    if "dashboard.services" in sys.modules and LOADING.acquire(blocking=False):
        try:
            return _engine()
        finally:
            LOADING.release()
    return await anyio.to_thread.run_sync(_engine)


def _engine() -> "Engine":
    with LOADING:
        from dashboard.services import engine as shared

        return shared()


def drawing_failed(error: Exception) -> bool:
    """What Streamlit asks before it draws an error itself: the parts of a page that are drawn alone are in no other
    net.
    """
    from dashboard.failures import show

    return show(error)


def get_ready() -> None:
    """Loads what the first page needs while the browser still loads its scripts, and then starts the worker.

    The first page starts the worker itself as soon as it is drawn: importing TensorFlow must not compete with the first
    paint.
    """
    with LOADING:
        importlib.import_module("dashboard.views.build")
        from dashboard.services import searches, tables
        from dashboard.session.openings import first_experiment

    tables().situation(first_experiment())
    threading.Timer(_LATEST_START, _engine().start).start()
    searches().attend()


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """The worker starts with the server, in the background, and ends with it."""
    with contextlib.suppress(OSError):  # The page says so when something is to be kept there.
        keep_private(workspace())
    threading.Thread(target=get_ready, name="get ready", daemon=True).start()
    yield
    if "dashboard.services" in sys.modules:
        sys.modules["dashboard.services"].searches().close()
    _engine().close()
    if "dashboard.services" in sys.modules:
        sys.modules["dashboard.services"].boards().close()
        sys.modules["dashboard.services"].reader().close()


end_half_sent_requests()
app = st.App(
    str(Path(__file__).with_name("app.py")),
    routes=[
        Route(f"{configured_base()}api/runs/{{run}}/epochs", epochs),
        Route(f"{configured_base()}api/runs/{{run}}/scene", scene),
        Route(f"{configured_base()}api/runs/{{run}}/playback", playback),
        Route(f"{configured_base()}api/searches/{{search}}", search),
        Route(f"{configured_base()}api/plotly.min.js", plotly_js),
        Route(f"{configured_base()}api/health", health),
    ],
    lifespan=lifespan,
    on_script_error=drawing_failed,
    middleware=[
        Middleware(TrustedPagesOnly),
        Middleware(LeadsSomewhere),
        Middleware(NamedBrowsers),
        Middleware(FrameInDocument),
    ],
)
