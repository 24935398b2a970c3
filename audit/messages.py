"""The generated code of schemas/*.proto, made when a message format is newer than it.

The only thing that this check shares with the daemons.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

TOP = pathlib.Path(__file__).resolve().parent.parent
GENERATED = TOP / "build" / "audit"
PROTOS = ("schemas/intent.proto", "schemas/order_record.proto", "schemas/dead_letter.proto")


def _generate():
    GENERATED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=GENERATED) as fresh:
        subprocess.run(["protoc", "-I", str(TOP), "--python_out", fresh, *PROTOS], cwd=TOP, check=True)
        for proto in PROTOS:
            code = proto.replace(".proto", "_pb2.py")
            (GENERATED / code).parent.mkdir(exist_ok=True)
            os.replace(pathlib.Path(fresh) / code, GENERATED / code)  # two checks may run at once


def _is_stale(proto):
    code = GENERATED / proto.replace(".proto", "_pb2.py")
    return not code.exists() or code.stat().st_mtime < (TOP / proto).stat().st_mtime


if any(_is_stale(proto) for proto in PROTOS):
    _generate()
sys.path.insert(0, str(GENERATED))

from schemas import dead_letter_pb2 as letters  # noqa: E402
from schemas import intent_pb2 as intents  # noqa: E402
from schemas import order_record_pb2 as records  # noqa: E402

INTENT_MAGIC = 0x31494C53


def outcome_name(verdict):
    return records.Outcome.Name(verdict.outcome).lower()


def reason_name(reason):
    return records.Reason.Name(reason).lower()


def status_name(status):
    return records.OrderStatus.Name(status).lower()


def payment_end_name(end):
    return records.PaymentEnd.Name(end).removeprefix("PAYMENT_").lower()


def skus_of_verdicts(run):
    """Which SKU each verdict of an `Unchanged` was about; "" for none."""
    count = len(run.verdicts)
    if run.sku_of:
        return [run.skus[number - 1] if 0 < number <= len(run.skus) else "" for number in run.sku_of]
    return [run.skus[0] if run.skus else ""] * count


def read_intent(value):
    """The intent in a message of `intents`, or None for bytes that are none."""
    intent = intents.Intent()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an end-group tag where none belongs is only worth a warning to Python
            intent.ParseFromString(value)
    except Exception:  # DecodeError has another home in every implementation of protobuf
        return None
    if intent.magic != INTENT_MAGIC or intent.WhichOneof("kind") is None:
        return None
    return intent
