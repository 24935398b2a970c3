import sys
from pathlib import Path

import pytest

TREE = Path(__file__).resolve().parents[2]
for place in (TREE / "stack", Path(__file__).parent):
    sys.path.insert(0, str(place))

from private_shop import Shop  # noqa: E402 stack/ is no package: its programs are run by path
from stack import Stack  # noqa: E402


@pytest.fixture(scope="session")
def shop():
    stack = Stack(TREE / "build/ingest-stack")
    try:
        stack.up(fresh=True, private=True)
        yield Shop(stack)
    finally:
        stack.down()
