"""The web-messaging webhook service: stores an event, injects its variables, then responds.

::

    request ─▶ auth ─▶ parsing ─▶ processor (order, lease) ─▶ store ─▶ client ─▶ tenant
                                       │
                                       └─▶ problems (the response for each failure)

- :func:`create_app` returns an application; ``cognigy-context serve`` runs it.
- :func:`router` returns the routes for another application:
  ``app.include_router(router(settings))``.
- :class:`Settings` contains the settings, from arguments or environment variables.

It requires the extra ``service``: ``pip install "cognigy-context[service]"``.
"""

from .settings import Settings
from .store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .app import create_app, router

__all__ = ["Settings", "Store", "create_app", "router"]


def __getattr__(name: str) -> object:
    # Imports lazily, so that the command line can report a missing extra.
    if name in ("create_app", "router"):
        from . import app

        return getattr(app, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
