using System.Collections.Generic;

namespace AhnSharp.Tests.Constraints;

/// <summary>A schema, and texts that people would write for it. Ten, from a flat object to a schema of everything.</summary>
public sealed record SchemaCase(string Name, string Schema, params string[] Texts)
{
    public override string ToString() => Name;

    public static IReadOnlyList<SchemaCase> All { get; } =
    [
        new("flat object", """
            {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}, "alive": {"type": "boolean"}},
             "required": ["name", "age", "alive"], "additionalProperties": false}
            """,
            """{"name": "Mina Murray", "age": 22, "alive": true}""",
            """{"name":"Jürgen \"J\" Ōe 💡 c:\\dir\/x","age":-1,"alive":false}"""),
        new("choices", """
            {"type": "object", "properties": {"colour": {"enum": ["red", "green", "grün", "a \"b\"", null, 7, [1, {"x": true}]]},
             "kind": {"const": "point"}, "level": {"type": "string", "enum": ["low", "lower", "lowest"]}, "note": {"type": ["string",
              "null"]}},
             "required": ["colour", "kind"], "additionalProperties": false}
            """,
            """{"colour": "grün", "kind": "point", "level": "lower", "note": null}""",
            """{"colour": [1, {"x": true}], "kind": "point"}"""),
        new("numbers", """
            {"type": "object", "properties": {"percent": {"type": "number", "minimum": 0, "maximum": 100},
             "port": {"type": "integer", "minimum": 1, "maximum": 65535}, "celsius": {"type": "number", "exclusiveMinimum": -273.15},
             "price": {"type": "number", "multipleOf": 0.01, "minimum": 0.5, "exclusiveMaximum": 1000}, "even": {"type": "integer",
              "multipleOf": 2}},
             "required": ["percent", "port", "price"], "additionalProperties": false}
            """,
            """{"percent": 99.5, "port": 8080, "celsius": -40, "price": 12.30, "even": -8}""",
            """{"percent": 100.0, "port": 65535, "celsius": 0.5, "price": 999.99}""",
            """{"percent": 0, "port": 1, "price": 0.50, "even": 0}"""),
        new("strings", """
            {"type": "object", "properties": {"code": {"type": "string", "pattern": "^[A-Z]{2}-\\d{4}$"}, "nick": {"type": "string",
             "minLength": 2,
             "maxLength": 12}, "tag": {"type": "string", "pattern": "a.c", "maxLength": 8}, "day": {"type": "string", "format": "date"},
             "at": {"type": "string", "format": "date-time"}, "id": {"type": "string", "format": "uuid"}, "mail": {"type": "string",
              "format": "email"},
             "ip": {"type": "string", "format": "ipv4"}}, "required": ["code", "nick", "tag", "day", "at", "id", "mail", "ip"],
             "additionalProperties": false}
            """,
            """
            {"code": "AB-1234", "nick": "Mina 💡", "tag": "xabcx", "day": "2024-02-29", "at": "2026-11-30T08:15:00Z",
            """ + """
             "id": "123e4567-e89b-12d3-a456-426614174000", "mail": "mina@whitby.example.org", "ip": "192.168.0.255"}
            """),
        new("lists", """
            {"type": "array", "items": {"type": "array", "prefixItems": [{"type": "string", "maxLength": 20}, {"type": "integer"}],
             "items": {"type": "boolean"},
             "minItems": 2, "maxItems": 5}, "minItems": 1, "maxItems": 40}
            """,
            """[["a", 1], ["b", 2, true, false]]""", """[["", -5, true, true, true]]"""),
        new("nested objects", """
            {"type": "object", "properties": {"person": {"type": "object", "properties": {"name": {"type": "object", "properties": {"first":
             {"type": "string", "maxLength": 30}, "last": {"type": "string", "maxLength": 30}}, "required": ["last"],
              "additionalProperties": false},
             "addresses": {"type": "array", "maxItems": 3, "items": {"type": "object", "properties": {"street": {"type": "string"},
              "zip": {"type": "string",
             "pattern": "^\\d{5}$"}}, "required": ["street", "zip"]}}}, "required": ["name", "addresses"]}}, "required": ["person"]}
            """,
            """
            {"person": {"name": {"first": "Jonathan", "last": "Harker"}, "addresses": [{"street": "Piccadilly 347", "zip": "12345",
             "floor": 2}]}}
            """,
            """{"person": {"name": {"last": "H"}, "addresses": []}, "seen": {"by": [null, 1.5e3]}}"""),
        new("recursion", """
            {"$defs": {"node": {"type": "object", "properties": {"value": {"type": "integer"}, "children": {"type": "array",
             "items": {"$ref": "#/$defs/node"},
             "maxItems": 3}, "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}, "required": ["value", "next"],
              "additionalProperties": false}},
             "$ref": "#/$defs/node"}
            """,
            """
            {"value": 1, "children": [{"value": 2, "next": null}, {"value": 3, "children": [], "next": {"value": 4, "next": null}}],
             "next": null}
            """),
        new("one of several", """
            {"type": "array", "minItems": 1, "maxItems": 6, "items": {"oneOf": [
             {"type": "object", "properties": {"type": {"const": "circle"}, "radius": {"type": "number", "exclusiveMinimum": 0}},
              "required": ["type", "radius"],
              "additionalProperties": false},
             {"type": "object", "properties": {"type": {"const": "box"}, "width": {"type": "number", "minimum": 0},
              "height": {"type": "number", "minimum": 0}},
              "required": ["type", "width", "height"], "additionalProperties": false},
             {"type": "string", "enum": ["nothing"]}, {"type": "integer", "minimum": 10, "maximum": 19}]}}
            """,
            """[{"type": "circle", "radius": 0.5}, {"type": "box", "width": 3, "height": 0}, "nothing", 12]"""),
        new("merged and open", """
            {"allOf": [{"type": "object", "properties": {"id": {"type": "integer", "minimum": 1}}, "required": ["id"]},
             {"properties": {"id": {"maximum": 999}, "labels": {"type": "object", "additionalProperties": {"type": "string",
              "maxLength": 10}, "maxProperties": 4},
              "env": {"type": "object", "patternProperties": {"^[A-Z_]+$": {"type": "string"}, "^n[0-9]+$": {"type": "number"}},
               "additionalProperties": false}}, "required": ["labels"]}]}
            """,
            """{"id": 17, "labels": {"a": "b", "grün": ""}, "env": {"PATH": "/bin", "n1": 1.5}, "free": [true]}""",
            """{"id": 999, "labels": {}, "idx": 5}"""),
        new("everything", """
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Invoice", "type": "object",
             "definitions": {"money": {"type": "object",
             "properties": {"amount": {"type": "number", "minimum": 0, "maximum": 1000000, "multipleOf": 0.01},
              "currency": {"enum": ["EUR", "USD", "GBP"]}},
             "required": ["amount", "currency"], "additionalProperties": false}}, "properties": {"number": {"type": "string",
             "pattern": "^INV-[0-9]{4,8}$"}, "issued": {"type": "string", "format": "date"}, "customer": {"type": "object",
              "properties": {"name": {"type": "string",
             "minLength": 1, "maxLength": 80}, "email": {"type": "string", "format": "email"}, "vat": {"type": ["string", "null"],
              "maxLength": 14}},
             "required": ["name"], "additionalProperties": false}, "lines": {"type": "array", "minItems": 1, "maxItems": 20,
              "items": {"type": "object",
             "properties": {"text": {"type": "string", "maxLength": 200}, "quantity": {"type": "integer", "minimum": 1, "maximum": 999},
             "price": {"$ref": "#/definitions/money"}, "discount": {"anyOf": [{"type": "null"}, {"type": "number", "minimum": 0,
              "exclusiveMaximum": 1}]}},
             "required": ["text", "quantity", "price"], "additionalProperties": false}}, "total": {"$ref": "#/definitions/money"},
              "paid": {"type": "boolean",
             "default": false}, "notes": {"type": "array", "items": {"type": "string"}, "maxItems": 5}}, "required": ["number", "issued",
              "customer", "lines", "total"],
             "additionalProperties": false}
            """,
            """
            {"number": "INV-20261", "issued": "2026-11-30", "customer": {"name": "Dr. Seward", "vat": null}, "lines": [{"text": "Blood",
            """ + """
             "quantity": 2, "price": {"amount": 12.50, "currency": "GBP"}, "discount": 0.25}], "total": {"amount": 25,
              "currency": "GBP"}, "paid": true}
            """),
    ];
}
