import sys
from pathlib import Path

# The mails and the server are modules beside the tests, and tests are no package.
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "outbox"))
