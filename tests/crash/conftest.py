import sys
from pathlib import Path

_TOP = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_TOP), str(_TOP / "stack"), str(_TOP / "tests/crash"), str(_TOP / "tests/evidence")]
