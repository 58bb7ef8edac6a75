"""A collector of OpenTelemetry, as small as can be: it takes spans by OTLP over HTTP, in protobuf."""

import http.server
import threading

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# What is read of opentelemetry/proto: message, field, number, type; a star stands behind what is repeated.
FIELDS = """
Request resource_spans 1 ResourceSpans*
ResourceSpans resource 1 Resource
ResourceSpans scope_spans 2 ScopeSpans*
Resource attributes 1 KeyValue*
ScopeSpans spans 2 Span*
Span trace_id 1 bytes
Span span_id 2 bytes
Span parent_span_id 4 bytes
Span name 5 string
Span kind 6 int32
Span start_time_unix_nano 7 fixed64
Span end_time_unix_nano 8 fixed64
Span attributes 9 KeyValue*
Span status 15 Status
Status code 3 int32
KeyValue key 1 string
KeyValue value 2 AnyValue
AnyValue string_value 1 string
AnyValue int_value 3 int64
"""
PATH = "v1/traces"
KIND_SERVER = 2
STATUS_ERROR = 2


def _request_class():
    file = descriptor_pb2.FileDescriptorProto(name="otlp.proto", package="otlp", syntax="proto3")
    messages = {}
    for row in FIELDS.split("\n")[1:-1]:
        message, name, number, kind = row.split()
        if message not in messages:
            messages[message] = file.message_type.add(name=message)
        field = messages[message].field.add(name=name, number=int(number))
        field.label = field.LABEL_REPEATED if kind.endswith("*") else field.LABEL_OPTIONAL
        scalar = getattr(field, f"TYPE_{kind.upper()}", None)
        field.type = scalar or field.TYPE_MESSAGE
        if scalar is None:
            field.type_name = f".otlp.{kind.rstrip('*')}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    descriptor = pool.FindMessageTypeByName("otlp.Request")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(pool).GetPrototype(descriptor)


Request = _request_class()


def attributes_of(holder):
    """The attributes of a span or a resource as Python's values."""
    return {pair.key: pair.value.string_value or pair.value.int_value for pair in holder.attributes}


class Collector:
    """Listens from open() to close(). What came is in bodies, as it was sent, and in headers; status is what it answers. While
    silent is set it takes requests and answers none."""

    def __init__(self, port=0):
        self.port = port
        self.bodies = []
        self.headers = []
        self.status = 200
        self.silent = threading.Event()
        self._closed = threading.Event()
        self._server = None

    def open(self):
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if collector.silent.is_set():
                    collector._closed.wait()
                    return
                if self.path.strip("/") == PATH and collector.status == 200:
                    collector.headers.append(dict(self.headers))
                    collector.bodies.append(body)
                self.send_response(collector.status if self.path.strip("/") == PATH else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def requests(self):
        return [Request.FromString(body) for body in self.bodies]

    def spans(self):
        return [span for request in self.requests() for resource in request.resource_spans
                for scope in resource.scope_spans for span in scope.spans]

    def close(self):
        if not self._closed.is_set():
            self._closed.set()
            self._server.shutdown()
            self._server.server_close()
