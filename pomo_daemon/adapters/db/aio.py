"""SQLAlchemy's asyncio engine without its ORM.

The package `sqlalchemy.ext.asyncio` also loads ORM sessions, and with them 8 MB of which nothing is used here, for as
long as a daemon lives. Its module `engine` needs none of that. So a bare package stands in while the module is loaded;
whoever imports the package later gets the whole of it, with this same module in it.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

import sqlalchemy.ext

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
else:
    _NAME = "sqlalchemy.ext.asyncio"
    _bare = _NAME not in sys.modules
    if _bare:
        sys.modules[_NAME] = ModuleType(_NAME)
        sys.modules[_NAME].__path__ = [f"{path}/asyncio" for path in sqlalchemy.ext.__path__]
    try:
        _engine = import_module(f"{_NAME}.engine")
    finally:
        if _bare:
            del sys.modules[_NAME]
    AsyncConnection, AsyncEngine = _engine.AsyncConnection, _engine.AsyncEngine
    create_async_engine = _engine.create_async_engine

__all__ = ["AsyncConnection", "AsyncEngine", "create_async_engine"]
