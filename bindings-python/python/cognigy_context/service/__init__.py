"""The web-messaging webhook as a service: store an event, inject it, answer.

::

    request ─▶ caller (who asks?) ─▶ desk (parse, order, lease) ─▶ store ─▶ client ─▶ tenant
                                        │
                                        └─▶ answers (what is said of each failure)

- :func:`create_app` is a whole application; ``python -m cognigy_context.service`` serves it.
- :func:`router` goes into an application of your own: ``app.include_router(router(settings))``.
- :class:`Settings` says how it behaves, from arguments or from the environment.

It needs the extra ``service``: ``pip install "cognigy-context[service]"``.
"""

from .settings import Settings
from .stores import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .app import create_app, router

__all__ = ["Settings", "Store", "create_app", "router"]


def __getattr__(name: str) -> object:
    # Only now is the extra needed: without it, the command can still say so.
    if name in ("create_app", "router"):
        from . import app

        return getattr(app, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
