"""A client of the public API that holds every answer against ingest/openapi.json, and remembers which documented answers it has seen."""

import http.client
import json
from pathlib import Path

from jsonschema import Draft202012Validator

DOCUMENT = Path(__file__).resolve().parents[2] / "ingest/openapi.json"


class DocumentedApi:
    def __init__(self):
        self.document = json.loads(DOCUMENT.read_text())
        self.seen = set()

    def documented(self):
        """(method, path, status) of every answer that is documented."""
        return {
            (method, path, int(status))
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
            for status in operation["responses"]
        }

    def ask(self, address, method, path, body=None, headers=None, query="", **names):
        """Sends one request and returns status, body (parsed) and headers. `names` are what stands in the path's {…}. An answer that is
        not documented, or is not as it is documented, fails."""
        connection = http.client.HTTPConnection(address, timeout=40)
        try:
            connection.request(method.upper(), path.format(**names) + query, body, headers or {})
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        where = f"{method} {path} answered {response.status}: {text[:300]!r}"
        documented = self._response(method, path, response.status)
        assert documented is not None, f"not documented: {where}"
        got = {name.lower(): value for name, value in response.getheaders()}
        for name, header in documented.get("headers", {}).items():
            assert name.lower() in got, f"no {name}: {where}"
            self._validate(self._resolved(header)["schema"], got[name.lower()], f"{name} of {where}")
        parsed = self._parse(documented.get("content"), got, text, where)
        self.seen.add((method, path, response.status))
        return response.status, parsed, got

    def _parse(self, content, got, text, where):
        if content is None:
            assert not text, f"a body is not documented: {where}"
            return None
        media = got.get("content-type", "").split(";")[0]
        assert media in content, f"content type {media}: {where}"
        parsed = json.loads(text)
        self._validate(content[media]["schema"], parsed, where)
        return parsed

    def examples(self):
        """(name, schema, example) of every example in the document."""
        return list(self._examples_in(self.document, "#"))

    def _examples_in(self, node, place):
        if isinstance(node, dict):
            if "schema" in node and "example" in node:
                yield place, node["schema"], node["example"]
            for name, example in node.get("examples", {}).items() if "schema" in node else ():
                yield f"{place}/{name}", node["schema"], example["value"]
        for name, below in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
            yield from self._examples_in(below, f"{place}/{name}")

    def problem_with(self, schema, value):
        """Empty: the value is as the schema says."""
        validator = Draft202012Validator(schema | {"components": self.document["components"]})
        return "; ".join(f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(value))

    def _validate(self, schema, value, where):
        problem = self.problem_with(schema, value)
        assert not problem, f"{where}\nis not as documented: {problem}"

    def _response(self, method, path, status):
        responses = self.document["paths"][path][method]["responses"]
        return self._resolved(responses[str(status)]) if str(status) in responses else None

    def _resolved(self, node):
        while "$ref" in node:
            found = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node
