"""The routes beside the page, on the real server: who may ask, what is answered, and what is refused."""

import contextlib
import json
import os
import re
import socket
import ssl
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import plotly
import psutil
import pytest

from tests.dashboard.served import HALF_SENT, Server, ended_by_the_server
from tests.waiting import holder, until

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server(workspace, engine):
    """The server on the workspace in which an earlier process kept a run, with the cluster of an engine that was there
    before it.
    """
    assert engine.warm.is_set()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "LAYERDECK_HOME": str(workspace),
        "LAYERDECK_HOSTS": "deck.example.org",
        "LAYERDECK_REQUEST_SECONDS": "3",
    }
    command = [sys.executable, "-m", "layerdeck", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    running = Server(port, process)

    def answers() -> bool:
        with contextlib.suppress(OSError):
            return running.get("/api/health")[0] == 200
        return False

    try:
        until(answers, 120, "an answering server")
        yield running
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def warm(server):
    """The server when its worker is warm and the record of runs is open."""
    until(lambda: server.json("/api/health")[1]["warm"], 120, "a warm worker")
    until(lambda: server.get("/api/runs/0123456789ab/epochs")[0] == 200, 120)
    return server


def test_it_answers_before_the_worker_is_warm(server):
    status, answer = server.json("/api/health")
    assert status == 200
    assert answer["ok"] is True
    assert answer["says"] == ""
    assert server.get("/")[0] == 200


@pytest.mark.parametrize("path", ["/", "/runs", "/present?run=1"])
def test_each_page_is_laid_out_from_the_first_paint_on(server, path):
    """Streamlit compresses the document of all addresses but the first, for those who take it compressed."""
    asked = {"Accept": "text/html,*/*", "Accept-Encoding": "gzip, br"}
    status, body, _ = server.get(path, **asked)
    assert status == 200
    assert b"<title>Layerdeck</title>" in body
    assert b".stApp .stMainBlockContainer" in body


def test_a_browser_is_given_a_name_once(server):
    given = server.get("/", Accept="text/html")[2]["Set-Cookie"]
    assert re.fullmatch(r"layerdeck_browser=[0-9a-f]{32}; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax", given)
    assert server.get("/", Accept="text/html", Cookie=given.partition(";")[0])[2]["Set-Cookie"] is None
    assert server.get("/", Accept="text/html", Cookie="layerdeck_browser=../../x")[2]["Set-Cookie"] is not None
    assert server.get("/api/health", Accept="application/json")[2]["Set-Cookie"] is None


@pytest.mark.parametrize(
    ("path", "place"), [("/build?run=1", "./?run=1"), ("/Result/", "../result"), ("/no%20where", "./?asked=no%20where")]
)
def test_an_address_without_a_page_is_sent_on(server, path, place):
    status, _, headers = server.get(path, Accept="text/html,*/*")
    assert (status, headers["Location"], headers["Cache-Control"]) == (307, place, "no-store")


def test_plotly_is_served_from_the_installed_package(server):
    status, body, headers = server.get("/api/plotly.min.js")
    assert status == 200
    assert headers.get_content_type() == "text/javascript"
    assert body == (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()


def test_a_kept_run_is_answered_from_where_the_page_is(warm, kept):
    status, answer = warm.json("/api/runs/0123456789ab/epochs?since=5")
    assert status == 200
    assert (answer["state"], answer["epoch"]) == ("finished", 8)
    assert [row[0] for row in answer["rows"]] == [6, 7, 8]
    at = 1 + answer["names"].index("val_loss")
    assert [row[at] for row in answer["rows"]] == kept[0]["history"]["val_loss"][5:]
    assert warm.get("/api/runs/0123456789ab/epochs")[2]["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("since", "first"), [("0", 1), ("-7", 1), ("", None), ("8", None), (str(10**18), None)])
def test_any_whole_number_is_a_place_to_go_on_from(warm, since, first):
    status, answer = warm.json(f"/api/runs/0123456789ab/epochs?since={since}")
    if since == "":
        assert status == 400
        return
    assert status == 200
    assert ([row[0] for row in answer["rows"]] or [None])[0] == first


def test_the_kept_epochs_of_a_run_are_played(warm):
    text = until(
        lambda: (answer := warm.get("/api/runs/0123456789ab/playback"))[0] == 200 and answer[1], 90, "the scenes"
    )
    found = json.loads(text)
    assert [scene["epoch"] for scene in found["scenes"]] == list(range(1, 9))
    assert found["still"]["targets"][0]["target"] == "y"
    assert warm.get("/api/runs/0123456789ab/playback")[1] == text
    assert warm.get("/api/runs/ffffffffffff/playback")[0] == 404
    assert warm.get("/api/runs/0123456789ab/playback", Sec_Fetch_Site="cross-site")[0] == 403


@pytest.mark.parametrize("since", ["abc", "1.5", "NaN", "0x10", "9" * 5000, "%00"])
def test_what_is_no_whole_number_is_a_bad_request(warm, since):
    assert warm.json(f"/api/runs/0123456789ab/epochs?since={since}") == (400, {"says": "since must be a whole number."})


@pytest.mark.parametrize(
    "run", ["ffffffffffff", "%27%20OR%201=1", "%22", "0123456789AB", "0123456789ab%0a", "x" * 2000, "%E2%98%83"]
)
def test_an_unknown_or_hostile_run_is_not_found(warm, run):
    for route in ("epochs", "scene"):
        status, answer = warm.json(f"/api/runs/{run}/{route}")
        assert status == 404
        assert answer["says"].endswith(".")
        assert "Traceback" not in answer["says"]


def test_an_unknown_search_is_not_found_and_what_is_no_number_is_a_bad_request(warm):
    for search in ("ffffffffffff", "%22", "..%2f..%2fetc", "%00", "x" * 2000):
        assert warm.get(f"/api/searches/{search}")[0] in (400, 404)
    for query in ("known=x", "open=1", "open=1:2:3", "open=a:b", f"known={'9' * 5000}"):
        status, answer = warm.json(f"/api/searches/ffffffffffff?{query}")
        assert (status, answer["says"]) == (400, "known is a whole number, open a list like 5:12,6:3.")
    assert warm.get("/api/searches/ffffffffffff", Sec_Fetch_Site="cross-site")[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/api/runs/../../../etc/passwd/epochs",
        "/api/runs/%2e%2e/epochs",
        "/api/runs/..%2f..%2fetc%2fpasswd/epochs",
        "/api/runs//epochs",
        "/api/runs/%00/epochs",
    ],
)
def test_a_path_that_climbs_shows_no_file(warm, path):
    status, body, _ = warm.get(path)
    assert b"root:" not in body
    assert b'"rows"' not in body
    assert status < 500


@pytest.mark.parametrize("path", ["/", "/api/health", "/_stcore/health"])
def test_a_foreign_name_reaches_no_part_of_the_server(warm, path):
    assert warm.get(path, Host="evil.example.com")[0] == 403


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.com",
        "127.0.0.1.evil.example.com",
        "evil.example.com:8501",
        "",
        "localhost.evil.com",
        "localhost:evil.com",
        "localhost:",
        "localhost..",
        "user@localhost",
        "localhost/",
        "localhost:99999",
        "[::2]",
        "[::1",
        "2130706433",
        "localhost:8501/x",
    ],
)
def test_a_foreign_name_for_this_host_is_refused(warm, host):
    status, answer = warm.json("/api/runs/0123456789ab/epochs", Host=host)
    assert (status, list(answer)) == (403, ["says"])


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:8501", "LOCALHOST", "localhost.", "Localhost.:80", "127.0.0.1:1", "127.8.4.1"),
        *("[::1]:8501", "[0:0:0:0:0:0:0:1]", "[::FFFF:127.0.0.1]:80", "deck.example.org", "Deck.example.org.:443"),
    ],
)
def test_loopback_and_the_names_that_were_allowed_may_ask(warm, host):
    assert warm.get("/api/runs/0123456789ab/epochs", Host=host)[0] == 200


@pytest.mark.parametrize(
    ("site", "status"),
    [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200), ("", 403), ("CROSS-SITE", 403)],
)
def test_only_a_page_of_ours_may_ask(warm, site, status):
    assert warm.get("/api/runs/0123456789ab/epochs", Sec_Fetch_Site=site)[0] == status


def handshake(port: int, host: str, *origins: str) -> bytes:
    """The first line of what the server answers to a websocket's request."""
    lines = [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host}",
        *(f"Origin: {origin}" for origin in origins),
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return connection.recv(64).splitlines()[0]


def test_only_the_page_itself_opens_a_session(warm):
    own = f"127.0.0.1:{warm.port}"
    allowed = [
        (own, f"http://{own}"),
        (f"LOCALHOST.:{warm.port}", f"http://localhost:{warm.port}"),
        (own,),
        ("deck.example.org", "https://deck.example.org"),
    ]
    refused = [
        (f"evil.example.com:{warm.port}", f"http://evil.example.com:{warm.port}"),
        (own, "http://127.0.0.1:3000"),
        (own, f"http://localhost:{warm.port}"),
        (own, f"https://{own}"),
        (own, "null"),
        (own, f"http://{own}", "http://127.0.0.1:3000"),
    ]
    assert [handshake(warm.port, *one).split()[1] for one in allowed] == [b"101"] * len(allowed)
    # Two origins are no request.
    assert [handshake(warm.port, *one).split()[1] for one in refused] == [b"403"] * 5 + [b"400"]


@pytest.mark.parametrize("path", ["/", "/api/health", "/_stcore/health", "/_stcore/upload_file/a/b", "/media/a.txt"])
def test_a_page_of_another_port_reads_and_uploads_nothing_but_may_link_to_the_page(warm, path):
    foreign, own = "http://127.0.0.1:3000", f"http://127.0.0.1:{warm.port}"
    assert (
        warm.get(path, Origin=foreign)[0]
        == warm.get(path, Sec_Fetch_Site="same-site", Sec_Fetch_Mode="no-cors")[0]
        == 403
    )
    assert warm.get(path, Origin=own)[0] != 403
    assert warm.get(path, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")[0] != 403


def test_half_sent_requests_end_after_a_time_and_whole_ones_go_on(warm):
    with (
        ThreadPoolExecutor(len(HALF_SENT)) as clients,
        socket.create_connection(("127.0.0.1", warm.port), timeout=20) as session,
    ):
        took = clients.map(lambda half: ended_by_the_server(warm.port, half), HALF_SENT.values())
        own = f"127.0.0.1:{warm.port}"
        key = (
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
            "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13"
        )
        session.sendall(f"GET /_stcore/stream HTTP/1.1\r\nHost: {own}\r\n{key}\r\n\r\n".encode())
        assert b" 101 " in session.recv(64)
        assert all(2.5 < seconds < 30 for seconds in took)
        session.sendall(b"\x89\x80\0\0\0\0")  # A ping: a session that waits for its person is no half-sent request.
        assert until(lambda: b"\x8a\0" in session.recv(65536), 20, "a pong")


STRANGER = """
import encodings.idna, os, socket, ssl, sys

# Another user of this machine; where the tests have no right to become one, the files' modes are looked at alone.
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    for name in ("cluster.key", "cluster.crt", "scheduler.json"):
        try:
            open(os.path.join(sys.argv[1], name)).read()
            print("read", name)
        except PermissionError:
            pass
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
for port in map(int, sys.argv[2:]):
    try:
        with socket.create_connection(("127.0.0.1", port), 30) as raw, context.wrap_socket(raw) as encrypted:
            if encrypted.recv(1):
                print("let in", port)
    except (ssl.SSLError, ConnectionError):
        pass
    with socket.create_connection(("127.0.0.1", port), 30) as plain:
        plain.sendall(b"GET /info HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
        try:
            if b"HTTP" in plain.recv(100):
                print("HTTP", port)
        except ConnectionError:
            pass
print("tried")
"""


@pytest.mark.usefixtures("warm")
def test_another_user_of_the_machine_reaches_nothing_of_the_cluster(workspace):
    cluster = psutil.Process(holder(workspace / "cluster.lock"))
    processes = [cluster, *cluster.children(recursive=True)]
    ports = [
        one.laddr.port
        for process in processes
        for one in process.net_connections("inet")
        if one.status == psutil.CONN_LISTEN
    ]
    assert len(ports) == 3  # Scheduler, nanny and worker, and nothing beside them.
    modes = {
        name: stat.S_IMODE((workspace / name).stat().st_mode)
        for name in (".", "cluster.key", "cluster.crt", "scheduler.json")
    }
    assert modes == {".": 0o700, "cluster.key": 0o600, "cluster.crt": 0o600, "scheduler.json": 0o600}
    command = [sys.executable, "-c", STRANGER, str(workspace), *map(str, ports)]
    assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout == "tried\n"

    ours = ssl.create_default_context(cafile=str(workspace / "cluster.crt"))
    ours.check_hostname, ours.verify_flags = False, ours.verify_flags & ~ssl.VERIFY_X509_STRICT
    ours.load_cert_chain(workspace / "cluster.crt", workspace / "cluster.key")
    for port in ports:  # Who has the key is let in: the ports are Dask's.
        with socket.create_connection(("127.0.0.1", port), 30) as raw, ours.wrap_socket(raw) as encrypted:
            assert encrypted.recv(1)


def test_neither_the_server_nor_the_scheduler_has_loaded_tensorflow(warm, workspace):
    for process in (warm.process.pid, holder(workspace / "cluster.lock")):
        maps = Path(f"/proc/{process}/maps").read_text()
        assert "numpy" in maps
        assert "tensorflow" not in maps


def test_ending_the_server_leaves_the_cluster_to_the_others(warm, workspace, engine, points):
    scheduler = holder(workspace / "cluster.lock")
    warm.process.terminate()
    assert warm.process.wait(30) is not None
    assert len(engine.predict("0123456789ab", points.head(2))) == 2
    assert holder(workspace / "cluster.lock") == scheduler
