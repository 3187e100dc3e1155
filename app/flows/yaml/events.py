"""The events of a YAML text: what begins and ends where. libyaml reads most texts, twenty times as fast as ruamel.yaml; ruamel.yaml reads
those that libyaml refuses or may read otherwise (it knows YAML 1.1), and gives the errors."""

import re
from collections.abc import Iterator

import yaml
import yaml.events
from ruamel.yaml import YAML
from ruamel.yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

_DOUBTFUL = re.compile(
    r"\r(?!\n)|[^\r\n\x20-\x7e\xa0-\u1fff\u2010-\u2027\u2030-\ud7ff\ue000-\ufdcf\ufdf0-\ufefe\uff00-\uffef\U00010000-\U0001fffd]"
    r"|^%|[|>][-+0-9]*(?:#|\r?\n *\r?\n)|[\"']:[^ \r\n]",
    re.MULTILINE,
)
"""What the two do not read alike: tabs, carriage returns alone, invisible characters, directives, a block that begins with an empty line, and
`["a":b]`. Anchors and tags too, which no flow file may have."""


class Doubtful(Exception):
    """libyaml does not read this text, or perhaps otherwise than ruamel.yaml."""


def exact_events(text: str) -> Iterator[Event]:
    """The events by ruamel.yaml. Raises its MarkedYAMLError where the text is no YAML, and a few errors of Python's own."""
    yield from YAML(typ="safe", pure=True).parse(text)


def quick_events(text: str) -> Iterator[Event]:
    """The same events by libyaml. Raises Doubtful, also after some events, if the exact ones must be taken."""
    if not yaml.__with_libyaml__ or _DOUBTFUL.search(text):
        raise Doubtful
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
                raise Doubtful
            yield _as_exact(event)
    except yaml.YAMLError as error:
        raise Doubtful from error


def _as_exact(event: yaml.events.Event) -> Event:
    start, end = event.start_mark, event.end_mark
    match event:
        case yaml.events.ScalarEvent():
            style = event.style or None
            return ScalarEvent(None, None, event.implicit, event.value, start, end, style)
        case yaml.events.MappingStartEvent():
            return MappingStartEvent(None, None, event.implicit, start, end, event.flow_style)
        case yaml.events.SequenceStartEvent():
            return SequenceStartEvent(None, None, event.implicit, start, end, event.flow_style)
        case yaml.events.DocumentStartEvent():
            return DocumentStartEvent(start, end, event.explicit, event.version, event.tags)
        case _:
            return _PLAIN[type(event)](start, end)


_PLAIN: dict[type[yaml.events.Event], type[Event]] = {
    yaml.events.MappingEndEvent: MappingEndEvent,
    yaml.events.SequenceEndEvent: SequenceEndEvent,
    yaml.events.DocumentEndEvent: DocumentEndEvent,
    yaml.events.StreamStartEvent: StreamStartEvent,
    yaml.events.StreamEndEvent: StreamEndEvent,
}
