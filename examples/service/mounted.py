"""The routes of the service in your own application.

::

    uvicorn mounted:app --no-access-log --http cognigy_context.service.http_limits:LimitedHttpProtocol
"""

from cognigy_context.service import Settings, router
from fastapi import FastAPI

app = FastAPI(title="Our application")
app.include_router(router(Settings.from_env()), prefix="/cognigy")
