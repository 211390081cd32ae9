"""Schemas of the formats we write, derived from their specifications and strict about what we write."""

from typing import Any

TEXT = {"type": "string", "minLength": 1}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}

JSON_FEED: dict[str, Any] = {
    "type": "object",
    "required": ["version", "title", "items"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": TEXT,
        "home_page_url": TEXT,
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "content_text"],
                "additionalProperties": False,
                "properties": {
                    "id": TEXT,
                    "url": {"type": "string"},
                    "external_url": TEXT,
                    "title": TEXT,
                    "content_text": {"type": "string"},
                    "summary": {"type": "string"},
                    "date_published": MOMENT,
                    "date_modified": MOMENT,
                    "authors": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "object", "required": ["name"], "properties": {"name": TEXT}},
                    },
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "_florilege": {
                        "type": "object",
                        "required": ["about", "entry"],
                        "properties": {"about": TEXT, "entry": {"type": "object"}},
                    },
                },
            },
        },
    },
}
"""Source: jsonfeed.org/version/1.1, "Top-level" and "Items"."""

CSL: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["type", "id"],
        "additionalProperties": False,
        "properties": {
            "type": {"const": "webpage"},
            "id": {"type": "string", "pattern": r"^[\w-]+$"},
            "title": TEXT,
            "URL": TEXT,
            "container-title": TEXT,
            "accessed": {
                "type": "object",
                "required": ["date-parts"],
                "properties": {
                    "date-parts": {
                        "type": "array",
                        "maxItems": 2,
                        "items": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer"}},
                    }
                },
            },
            "abstract": {"type": "string"},
            "keyword": {"type": "string"},
            "note": TEXT,
        },
    },
}
"""Source: citation-style-language/schema, csl-data.json."""

_IRI = {"type": "string", "pattern": "^[a-z][a-z0-9+.-]*:."}
_PERSON = {
    "type": "object",
    "required": ["type", "name"],
    "properties": {"type": {"const": "Person"}, "name": TEXT},
}
_BODY = {
    "type": "object",
    "required": ["type", "value", "purpose"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "TextualBody"},
        "value": {"type": "string"},
        "format": {"enum": ["text/plain", "text/markdown"]},
        "purpose": {"enum": ["commenting", "replying", "tagging"]},
        "creator": _PERSON,
        "created": MOMENT,
    },
}
_QUOTE: dict[str, Any] = {
    "type": "object",
    "required": ["type", "exact"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "TextQuoteSelector"},
        "exact": {"type": "string"},
        "prefix": {"type": "string"},
        "suffix": {"type": "string"},
    },
}
_FRAGMENT: dict[str, Any] = {
    "type": "object",
    "required": ["type", "value"],
    "additionalProperties": False,
    "properties": {"type": {"const": "FragmentSelector"}, "value": {"type": "string"}},
}
_TARGET = {
    "type": "object",
    "required": ["source"],
    "additionalProperties": False,
    "properties": {
        "source": _IRI,
        "dc:title": TEXT,
        "selector": {"anyOf": [_QUOTE, {"type": "array", "prefixItems": [_QUOTE, _FRAGMENT], "minItems": 2}]},
    },
}
ANNOTATIONS: dict[str, Any] = {
    "type": "object",
    "required": ["@context", "id", "type", "total", "first"],
    "properties": {
        "@context": {"const": "http://www.w3.org/ns/anno.jsonld"},
        "id": _IRI,
        "type": {"const": "AnnotationCollection"},
        "label": {"type": "string"},
        "total": {"type": "integer", "minimum": 0},
        "first": {
            "type": "object",
            "required": ["id", "type", "items"],
            "properties": {
                "id": _IRI,
                "type": {"const": "AnnotationPage"},
                "startIndex": {"const": 0},
                "items": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["id", "type", "target"],
                        "additionalProperties": False,
                        "properties": {
                            "id": _IRI,
                            "type": {"const": "Annotation"},
                            "motivation": {"enum": ["highlighting", "commenting", "tagging"]},
                            "creator": _PERSON,
                            "created": MOMENT,
                            "body": {"type": "array", "minItems": 1, "items": _BODY},
                            "target": _TARGET,
                        },
                    },
                },
            },
        },
    },
}
"""Source: W3C, Web Annotation Data Model, sections 3 and 5."""
