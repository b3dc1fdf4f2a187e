using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>str.format: <c>{}</c>, <c>{0}</c>, <c>{name.attribute[key]!r:specification}</c>; fields keep the origin of what fills
/// them.</summary>
internal sealed class TextFormat(TemplateArguments arguments)
{
    private readonly List<object?> _positional = arguments.TakeRest();
    private readonly OrderedDictionary<string, object?> _named = arguments.TakeNamed();
    private int _next;
    private bool _counts, _names;

    public TemplateString Format(TemplateString format) => Format(format, 0);

    private TemplateString Format(TemplateString format, int depth)
    {
        if (depth > 2) throw arguments.Error("has fields in fields in fields");
        TemplateStringBuilder made = new(arguments.Budget);
        string text = format.Text;
        for (int i = 0; i < text.Length; i++)
        {
            char character = text[i];
            if (character is not ('{' or '}'))
            {
                made.Append(character, format.IsFromTemplate(i));
                continue;
            }
            if (i + 1 < text.Length && text[i + 1] == character)
            {
                made.Append(character, format.IsFromTemplate(i++));
                continue;
            }
            if (character == '}') throw arguments.Error("has a single '}' in its text");
            int end = EndOf(text, i);
            made.Append(Field(format.Slice(i + 1, end - i - 1), depth));
            i = end;
        }
        return made.Build();
    }

    private int EndOf(string text, int open)
    {
        int depth = 0;
        for (int i = open; i < text.Length; i++)
        {
            if (text[i] == '{') depth++;
            else if (text[i] == '}' && --depth == 0) return i;
        }
        throw arguments.Error("has a single '{' in its text");
    }

    private TemplateString Field(TemplateString field, int depth)
    {
        arguments.Budget.Step();
        int colon = NameEnd(field.Text), convert = colon;
        char conversion = '\0';
        if (colon < field.Length && field.Text[colon] == '!')
        {
            if (colon + 1 >= field.Length) throw arguments.Error("lacks the conversion behind '!'");
            conversion = field.Text[colon + 1];
            colon += 2;
            if (colon < field.Length && field.Text[colon] != ':') throw arguments.Error("lacks ':' behind a conversion");
        }
        object? value = Value(field.Text[..convert]);
        value = conversion switch
        {
            '\0' => value,
            's' => TemplateValue.ToText(value, arguments.Budget),
            'r' => TemplateRepr.Repr(value, arguments.Budget),
            _ => throw arguments.Error($"does not know the conversion '!{conversion}'"),
        };
        TemplateString specification = colon < field.Length ? Format(field.Slice(colon + 1, field.Length - colon - 1), depth + 1)
            : TemplateString.Empty;
        if (specification.Length == 0) return TemplateValue.ToText(value, arguments.Budget);
        return new FieldFormat(specification, arguments.Budget).Format(value);
    }

    // Where the name of a field ends: at the first ':' or '!' outside of brackets.
    private static int NameEnd(string field)
    {
        bool inBrackets = false;
        for (int i = 0; i < field.Length; i++)
        {
            if (field[i] == '[') inBrackets = true;
            else if (field[i] == ']') inBrackets = false;
            else if (!inBrackets && field[i] is ':' or '!') return i;
        }
        return field.Length;
    }

    private object? Value(string name)
    {
        int end = name.AsSpan().IndexOfAny('.', '[');
        if (end < 0) end = name.Length;
        object? value = First(name[..end]);
        while (end < name.Length)
        {
            arguments.Budget.Step();
            int start = end + 1;
            if (name[end] == '.')
            {
                end = name.AsSpan(start).IndexOfAny('.', '[') is >= 0 and var at ? start + at : name.Length;
                value = TemplateAccess.Attribute(value, name[start..end], arguments.Budget);
                continue;
            }
            end = name.IndexOf(']', start);
            if (name[start - 1] != '[' || end < 0) throw arguments.Error("has a field whose '[' is not closed");
            string key = name[start..end++];
            value = TemplateAccess.Item(value, key.Length < 18 && key.All(char.IsAsciiDigit) && key.Length > 0 ? long.Parse(key, null)
                : TemplateString.OfValue(key), arguments.Budget);
        }
        return value is UndefinedValue undefined ? throw arguments.Error($"has a field for {undefined.Name}, which is undefined") : value;
    }

    private object? First(string name)
    {
        bool isNumber = name.Length is > 0 and < 10 && name.All(char.IsAsciiDigit);
        if (!isNumber && name.Length > 0)
            return _named.TryGetValue(name, out object? value) ? value
                : throw arguments.Error($"has a field for {Gguf.GgufText.Quote(name)}, which is not given");
        (_counts, _names) = (_counts || !isNumber, _names || isNumber);
        if (_counts && _names) throw arguments.Error("has both numbered fields and fields without a number");
        int index = isNumber ? int.Parse(name, null) : _next++;
        return index < _positional.Count ? _positional[index]
            : throw arguments.Error($"has a field {index}, and {_positional.Count} arguments");
    }
}
