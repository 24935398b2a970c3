"""A TCP proxy before one Kafka broker that makes EndTxn requests come late, as in KAFKA-17754.

What it does to one EndTxn that it is told to delay: it keeps the request, cuts the client's connection, lets the client's own
retry through, and hands the kept one to the broker when the next transaction of the same producer id and epoch is open: after
the broker has acknowledged a produce of it, before the client hears so. Only such deliveries count, and only if the broker took
them. A transaction that goes on with another produce after that is torn: the broker refuses the rest of it.

Kafka's protocol (https://kafka.apache.org/protocol): a request is int32 size, int16 api key, int16 api version, int32
correlation id, …; a response int32 size, int32 correlation id, …. Addresses in metadata are made to point at the proxy by
replacing host and port byte by byte.
"""

import asyncio
import contextlib
import struct
from collections import Counter
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


def _produce_error(response):
    """Of the first partition in it: its requests speak of one."""
    _, at = _text(response, 4 + 4)  # after correlation id and the count of topics
    return struct.unpack_from(">h", response, at + 4 + 4)[0]  # after the count of partitions and the number of this one


@dataclass
class Delay:
    """One EndTxn that is to be under way for longer than its sender believes."""

    retried: asyncio.Event = field(default_factory=asyncio.Event)  # the client's second one has passed, and was answered
    arrived: asyncio.Event = field(default_factory=asyncio.Event)  # the broker has answered the late one
    taken: bool = False  # and took it, while a transaction was open
    request: bytes = b""


@dataclass
class Proxy:
    broker_port: int
    port: int = 0
    delivered: int = 0  # late ones that the broker took while a transaction was open
    torn: int = 0  # how many of these were followed by a produce that the broker refused
    refused: Counter = field(default_factory=Counter)  # error code -> late ones that it did not take

    def __post_init__(self):
        self._wanted = {}  # transactional id -> Delay of its next EndTxn
        self._kept = {}  # transactional id -> Delay whose request is here
        self._ended_early = set()  # transactional ids whose open transaction a late one has just ended
        self._server = None

    async def start(self):
        self._server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self):
        self._server.close()
        await self._server.wait_closed()

    def delay_next(self, transactional_id):
        """REQUIRES: the Delay before it of the same id has arrived."""
        delay = self._wanted[transactional_id] = Delay()
        return delay

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
                if api == END_TXN and (delay := self._wanted.pop(name, None)):
                    delay.request = frame
                    self._kept[name] = delay
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
            if api == END_TXN:
                self._ended(name)
            elif api == PRODUCE:
                await self._produced(name, frame)
            frame = frame.replace(theirs, ours)
            writer.write(_SIZE.pack(len(frame)) + frame)
            await writer.drain()

    def _ended(self, name):
        self._ended_early.discard(name)
        if delay := self._kept.get(name):
            delay.retried.set()

    async def _produced(self, name, response):
        if name in self._ended_early and _produce_error(response):
            self._ended_early.remove(name)
            self.torn += 1
        delay = self._kept.get(name)
        if delay and delay.retried.is_set() and not _produce_error(response):
            del self._kept[name]
            await self._deliver(name, delay)

    async def _deliver(self, name, delay):
        reader, writer = await asyncio.open_connection(HOST, self.broker_port)
        writer.write(_SIZE.pack(len(delay.request)) + delay.request)
        answer = await _frame(reader)
        writer.close()
        code = struct.unpack_from(">h", answer, 8)[0]  # after correlation id and throttle time
        delay.taken = code == 0
        if delay.taken:
            self.delivered += 1
            self._ended_early.add(name)
        else:
            self.refused[code] += 1
        delay.arrived.set()


async def _frame(reader):
    """Nothing at the end of the connection."""
    try:
        size = _SIZE.unpack(await reader.readexactly(_SIZE.size))[0]
        return await reader.readexactly(size)
    except (asyncio.IncompleteReadError, OSError):
        return None
