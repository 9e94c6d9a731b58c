"""Everything that the OpenAPI page promises, held by schemathesis against the real server."""

import os

EXAMPLES = int(os.environ.get("TEAHOUSE_FUZZ", "12"))
