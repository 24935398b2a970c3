"""A TCP proxy before one Kafka broker that makes EndTxn requests come late, as in KAFKA-17754.

What it does to one EndTxn that it is told to delay: it keeps the request, cuts the client's connection, lets the client's own
retry through, and hands the kept one to the broker when the next transaction of the same producer id and epoch is open: after
the broker has acknowledged a produce of it, before the client hears so. Only such deliveries count, and only if the broker took
them.

Kafka's protocol (https://kafka.apache.org/protocol): a request is int32 size, int16 api key, int16 api version, int32
correlation id, …; a response int32 size, int32 correlation id, …. Addresses in metadata are made to point at the proxy by
replacing host and port byte by byte.
"""

import asyncio
import contextlib
import struct
from dataclasses import dataclass, field

PRODUCE, END_TXN = 0, 26
HOST = "127.0.0.1"
_SIZE = struct.Struct(">i")
_HEAD = struct.Struct(">hhi")


def _text(frame, at):
    """A string with its int16 length; the offset behind it."""
    length = struct.unpack_from(">h", frame, at)[0]
    if length < 0:
        return None, at + 2
    return frame[at + 2 : at + 2 + length].decode(), at + 2 + length


def _transactional_id(frame):
    """Of a Produce (version 3 to 8) or an EndTxn (version 0 to 2): the first field after the client id."""
    _, at = _text(frame, _HEAD.size)
    return _text(frame, at)[0]


@dataclass
class _Kept:
    """An EndTxn that is under way for longer than its sender believes."""

    request: bytes
    retried: bool = False  # the client's second one has passed, and was answered


@dataclass
class Proxy:
    broker_port: int
    port: int = 0
    delivered: int = 0  # late ones that the broker took while a transaction was open
    refused: dict = field(default_factory=dict)  # error code -> how many it did not take

    def __post_init__(self):
        self._kept = {}  # transactional id -> _Kept
        self._wanted = set()  # transactional ids whose next EndTxn is to be late
        self._server = None
        self._on_delivery = None

    async def start(self):
        self._server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self):
        self._server.close()
        await self._server.wait_closed()

    def delay_next(self, transactional_id):
        self._wanted.add(transactional_id)

    def is_delaying(self, transactional_id):
        return transactional_id in self._wanted or transactional_id in self._kept

    async def _serve(self, client_reader, client_writer):
        pending = {}  # correlation id -> (api key, transactional id) of the requests whose answers matter
        try:
            reader, writer = await asyncio.open_connection(HOST, self.broker_port)
        except OSError:
            client_writer.close()
            return
        up = asyncio.create_task(self._upstream(client_reader, writer, pending))
        down = asyncio.create_task(self._downstream(reader, client_writer, pending))
        _, other = await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        for task in other:
            task.cancel()
        for end in (writer, client_writer):
            with contextlib.suppress(OSError):
                end.close()

    async def _upstream(self, reader, writer, pending):
        while frame := await _frame(reader):
            api, _, correlation = _HEAD.unpack_from(frame)
            if api in (PRODUCE, END_TXN):
                name = _transactional_id(frame)
                if api == END_TXN and name in self._wanted:
                    self._wanted.remove(name)
                    self._kept[name] = _Kept(frame)
                    return  # the connection breaks, and the client will try again
                pending[correlation] = (api, name)
            writer.write(_SIZE.pack(len(frame)) + frame)
            await writer.drain()

    async def _downstream(self, reader, writer, pending):
        ours = HOST.encode() + struct.pack(">i", self.port)
        theirs = HOST.encode() + struct.pack(">i", self.broker_port)
        while frame := await _frame(reader):
            correlation = struct.unpack_from(">i", frame)[0]
            api, name = pending.pop(correlation, (None, None))
            kept = self._kept.get(name)
            if kept and api == END_TXN:
                kept.retried = True
            if kept and api == PRODUCE and kept.retried:
                del self._kept[name]
                await self._deliver(kept.request)
            frame = frame.replace(theirs, ours)
            writer.write(_SIZE.pack(len(frame)) + frame)
            await writer.drain()

    async def _deliver(self, request):
        reader, writer = await asyncio.open_connection(HOST, self.broker_port)
        writer.write(_SIZE.pack(len(request)) + request)
        answer = await _frame(reader)
        writer.close()
        code = struct.unpack_from(">h", answer, 8)[0]  # after correlation id and throttle time
        if code == 0:
            self.delivered += 1
        else:
            self.refused[code] = self.refused.get(code, 0) + 1


async def _frame(reader):
    """Nothing at the end of the connection."""
    try:
        size = _SIZE.unpack(await reader.readexactly(_SIZE.size))[0]
        return await reader.readexactly(size)
    except (asyncio.IncompleteReadError, OSError):
        return None
