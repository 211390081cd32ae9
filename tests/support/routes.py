"""Sends every request, whatever its host and scheme, to the loopback server, which still sees the original host."""

import httpx


class Routed(httpx.AsyncBaseTransport):
    """A network in which every host is one server, reached without TLS."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._real = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return await self._real.handle_async_request(
            httpx.Request(
                request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
            )
        )

    async def aclose(self) -> None:
        await self._real.aclose()
