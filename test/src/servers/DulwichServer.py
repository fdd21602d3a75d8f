"""Serves the repositories of a folder with dulwich, a git without C git."""

import os
import sys
from wsgiref.simple_server import make_server

from dulwich.repo import Repo
from dulwich.server import Backend
from dulwich.web import WSGIRequestHandlerLogger, WSGIServerLogger, make_wsgi_chain



class Folder(Backend):
    def open_repository(self, path):
        return Repo(os.path.join(sys.argv[1], path.strip("/")))


server = make_server(
    "127.0.0.1",
    0,
    make_wsgi_chain(Folder()),
    handler_class=WSGIRequestHandlerLogger,
    server_class=WSGIServerLogger,
)
print(server.server_port, flush=True)
server.serve_forever()
