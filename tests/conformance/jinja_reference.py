# SPDX-License-Identifier: Apache-2.0
"""Python's jinja2 in the environment that transformers renders chats in.

render(record) answers as build/<mode>/tests/jinja-lines does: a dict with
text and generation_spans, or with error and error_line; an empty one when the
template prints the address of an object.

An older jinja2 is brought to 3.1.6 in what a template can see.
"""
import functools
import json
import re
import sys
import traceback
import warnings
from datetime import datetime

import jinja2.ext
import jinja2.filters
import jinja2.idtracking
import jinja2.nodes
import jinja2.sandbox

NAME = "<template>"


def branch_update(self, branches):
    """From 3.1.5 on: a name set in every branch is looked up outside, too."""
    stores = set().union(*(b.stores for b in branches)) - self.stores
    for branch in branches:
        self.refs.update(branch.refs)
        self.loads.update(branch.loads)
        self.stores.update(branch.stores)
    for name in stores:
        target = self.find_ref(name)
        outer = self.parent and self.parent.find_ref(name)
        self.loads[target] = \
            (jinja2.idtracking.VAR_LOAD_RESOLVE, name) if outer is None else \
            (jinja2.idtracking.VAR_LOAD_ALIAS, outer)


def int_of(value, default=0, base=10):
    """From 3.1.5 on: a number that is too large is the default."""
    try:
        return jinja2.filters.do_int(value, default, base)
    except OverflowError:
        return default


@jinja2.pass_eval_context
def xmlattr(eval_context, d, autospace=True):
    """From 3.1.4 on: keys are strings without certain characters."""
    for key, value in d.items():
        if value is not None and not isinstance(value, jinja2.Undefined) and \
                re.search(r"[\s/>=]", key, re.ASCII):
            raise ValueError(f"Invalid character in attribute name: {key!r}")
    return jinja2.filters.do_xmlattr(eval_context, d, autospace)


jinja2.idtracking.Symbols.branch_update = branch_update


class Raised(jinja2.TemplateError):
    pass


class Generation(jinja2.ext.Extension):
    """A block whose place in the output is noted, as a call block."""

    tags = {"generation"}

    def __init__(self, environment):
        super().__init__(environment)
        self.printed = 0
        self.spans = []
        environment.generation = self

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        note = self.call_method("note")
        return jinja2.nodes.CallBlock(note, [], [], body).set_lineno(line)

    def note(self, caller):
        text = caller()
        self.spans.append([self.printed, self.printed + len(text)])
        return text


class Sandbox(jinja2.sandbox.ImmutableSandboxedEnvironment):
    def is_safe_attribute(self, obj, attr, value):
        # pop() and clear() of lists are refused from 3.1.5 on.
        if isinstance(obj, list) and attr in ("pop", "clear"):
            return False
        return super().is_safe_attribute(obj, attr, value)


def tojson(x, ensure_ascii=False, indent=None, separators=None,
           sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent,
                      separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise Raised(message)


class PrintsAddress(Exception):
    """What Python would print differs from run to run."""


class Lazy:
    def __init__(self, iterator):
        self.iterator = iterator

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.iterator)

    def __repr__(self):
        raise PrintsAddress


def lazy(function):
    """The same filter, with a result that does not print its address."""
    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        value = function(*args, **kwargs)
        return Lazy(value) if hasattr(value, "__next__") else value
    return wrapped


class Template:
    def __init__(self, source):
        self.now = None
        env = Sandbox(trim_blocks=True, lstrip_blocks=True,
                      extensions=[Generation, jinja2.ext.loopcontrols])
        for name in ("map", "select", "reject", "selectattr", "rejectattr",
                     "unique", "batch", "slice", "items", "reverse"):
            env.filters[name] = lazy(env.filters[name])
        env.filters["tojson"] = tojson
        env.filters["int"] = int_of
        env.filters["xmlattr"] = xmlattr
        env.globals["raise_exception"] = raise_exception
        env.globals["strftime_now"] = lambda format: \
            (self.now or datetime.now()).strftime(format)
        self.env = env
        self.template = env.from_string(source)

    def render(self, given):
        note = self.env.generation
        note.printed, note.spans = 0, []
        pieces = []
        for piece in self.template.generate(**given):
            pieces.append(piece)
            note.printed += len(piece)
        return "".join(pieces), note.spans


def line_of(error):
    if isinstance(error, jinja2.TemplateSyntaxError):
        return error.lineno
    line = None
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == NAME:
            line = frame.lineno
    return line


TEMPLATES = {}
warnings.simplefilter("ignore", SyntaxWarning)  # of (0)[1:] and the like


def answer(record):
    source = record["template"]
    if source not in TEMPLATES:
        TEMPLATES[source] = Template(source)
    template = TEMPLATES[source]
    now = record.get("now")
    template.now = datetime.fromisoformat(now) if now else None
    given = {k: record[k] for k in ("bos_token", "eos_token")
             if record.get(k) is not None}
    given.update(record.get("vars") or {})
    for name, other in (("messages", []), ("tools", None), ("documents", None),
                        ("add_generation_prompt", False)):
        given[name] = record.get(name, other)
    return template.render(given)


def render(record):
    try:
        text, spans = answer(record)
        return {"text": text, "generation_spans": spans}
    except PrintsAddress:
        return {}
    except Exception as error:
        name = "TemplateError" if isinstance(error, Raised) \
            else type(error).__name__
        line = line_of(error)
        if isinstance(error, SyntaxError) and \
                not isinstance(error, jinja2.TemplateError):
            line = None
        return {"error": f"{name}: {error}", "error_line": line}


if __name__ == "__main__":
    for text in sys.stdin:
        record = json.loads(text)
        print(json.dumps({"id": record.get("id"), **render(record)}))
