import sys
from pathlib import Path

# The mail servers are a module beside the outbox's tests, and tests are no package.
sys.path.insert(0, str(Path(__file__).parents[1] / "outbox"))
