"""A request to an application, without a network."""

import asyncio


def request(
    app, path, data=b"", method="GET", headers=(), client="10.0.0.9", port=8123, first=False
):
    """What to await for it, and the list that then holds what was sent; of a stream the first event
    only, if so wanted. headers: names and values."""
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "client": (client, 1),
        "server": ("127.0.0.1", port),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "scheme": "http",
        "root_path": "",
        "http_version": "1.1",
        "asgi": {"version": "3.0"},
    }
    sent, gone = [], asyncio.Event()

    async def go():
        waiting = [{"type": "http.request", "body": data}]

        async def receive():
            if waiting:
                return waiting.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)
            if first and message.get("body"):
                gone.set()

        await app(scope, receive, send)

    return go, sent


def answered(sent):
    """Status, headers and body."""
    start = next(one for one in sent if one["type"] == "http.response.start")
    body = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
    return start["status"], {k.decode().lower(): v.decode() for k, v in start["headers"]}, body
