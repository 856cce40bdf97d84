"""``python -m cognigy_context.service`` runs the service, as ``cognigy-context serve`` does."""

import sys

from cognigy_context.cli.serve import main

if __name__ == "__main__":
    sys.exit(main(program="python -m cognigy_context.service"))
