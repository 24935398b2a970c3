import sys
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
for place in (TREE, TREE / "stack"):
    sys.path.insert(0, str(place))
