"""A tool on https that answers a launch by sending the browser to another https origin. Prints its port."""

import http.server
import ssl
import threading


def server(handler):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("cert.pem", "key.pem")
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    made.socket = context.wrap_socket(made.socket, server_side=True)
    threading.Thread(target=made.serve_forever).start()
    return made.server_address[1]


class Other(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><title>Tool</title><p>the other origin</p>")

    def log_message(self, *_):
        pass


other = server(Other)


class Launched(Other):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(302)
        self.send_header("Location", f"https://127.0.0.1:{other}/inside")
        self.end_headers()


print(server(Launched), flush=True)
