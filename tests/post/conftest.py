import sys
from pathlib import Path

# Mail servers and mails are modules beside other tests, and tests are no package.
for folder in ("outbox", "inbox"):
    sys.path.insert(0, str(Path(__file__).parents[1] / folder))
