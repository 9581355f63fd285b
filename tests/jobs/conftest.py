import sys
from pathlib import Path

# The drawn tables are a module beside the schema's tests, and tests are no package.
sys.path.insert(0, str(Path(__file__).parents[1] / "schema"))
