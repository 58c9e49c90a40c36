"""Between a client and the server: now and then the server has done what it was asked, and the client never hears.

One thread for all connections of one proxy, whose folder holds a socket as the server's does.
"""
import asyncio
import collections
import contextlib
import threading

COMMIT = b"C\0\0\0\x0bCOMMIT\0"  # CommandComplete
DONE = b"C\0\0\0"
PER_COMMIT, PER_STATEMENT = 0.03, 0.003  # of the answers that are lost
CHUNK = 65536


class Proxy:
    def __init__(self, folder, sockets, dice):
        self.folder, self.dice = folder, dice
        self.server = f"{sockets}/.s.PGSQL.5432"
        self.counts = collections.Counter()
        self.loses = True
        folder.mkdir()
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(self._listen(), loop).result(10)

    async def _listen(self):
        self.listener = await asyncio.start_unix_server(self._serve, self.folder / ".s.PGSQL.5432")

    async def _serve(self, client_in, client_out):
        with contextlib.closing(client_out):
            try:
                server_in, server_out = await asyncio.open_unix_connection(self.server)
            except OSError:
                return
            with contextlib.closing(server_out):
                ways = [asyncio.ensure_future(self._carry(client_in, server_out, lambda _: False)),
                        asyncio.ensure_future(self._carry(server_in, client_out, self._is_lost))]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    async def _carry(self, source, target, is_lost):
        with contextlib.suppress(OSError):
            while (chunk := await source.read(CHUNK)) and not is_lost(chunk):
                target.write(chunk)
                await target.drain()

    def _is_lost(self, chunk):
        """A connection ends with the answer that it loses."""
        what = "commits" if COMMIT in chunk else "statements" if DONE in chunk else None
        if not (self.loses and what):
            return False
        lost = self.dice.random() < (PER_COMMIT if what == "commits" else PER_STATEMENT)
        self.counts[f"answers to {what} lost"] += lost
        return lost
