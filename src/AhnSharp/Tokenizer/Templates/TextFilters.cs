using System;
using System.Collections.Generic;
using System.Text;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The filters of texts.</summary>
internal static class TextFilters
{
    private const int MaximumIndent = 16;

    public static object? Center(object? value, TemplateArguments a)
    {
        TemplateString text = TemplateFilters.Text(value, a);
        TemplateArguments width = new("the filter 'center'", a.Run, [a.TakeInteger("width", 80)], []);
        return TextMethods.Call(text, "center", width);
    }

    /// <summary>The five characters of HTML as entities.</summary>
    public static object? Escape(object? value, TemplateArguments a)
    {
        TemplateString text = TemplateFilters.Text(value, a);
        TemplateStringBuilder made = new(a.Budget);
        for (int i = 0; i < text.Length; i++)
        {
            string? entity = text.Text[i] switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '\'' => "&#39;",
                '"' => "&#34;",
                _ =>
                null
            };
            if (entity is null) made.Append(text.Text[i], text.IsFromTemplate(i));
            else made.Append(entity, fromTemplate: false);
        }
        return made.Build();
    }

    public static object? Format(object? value, TemplateArguments a)
    {
        TemplateString format = TemplateFilters.Text(value, a);
        List<object?> values = a.TakeRest();
        OrderedDictionary<string, object?> named = a.TakeNamed();
        if (values.Count > 0 && named.Count > 0) throw a.Error("takes values by position or by name, not both");
        if (named.Count == 0) return PercentFormat.Format(format, TemplateSequence.Tuple([.. values]), a.Budget);
        TemplateMap map = new();
        foreach ((string name, object? item) in named) map.Set(name, item);
        return PercentFormat.Format(format, map, a.Budget);
    }

    public static object? Indent(object? value, TemplateArguments a)
    {
        TemplateString text = TemplateFilters.Text(value, a);
        object? width = a.TakeOr("width", 4L);
        bool first = a.TakeTruth("first", false), blank = a.TakeTruth("blank", false);
        TemplateString unit = width as TemplateString ?? TemplateString.OfTemplate(" ");
        long count = width is TemplateString ? 1 : width is long spaces ? spaces
            : throw a.Error("needs a number of spaces or a text to indent with");
        TemplateStringBuilder made = new(a.Budget);
        List<object?> lines = TextMethods.Lines(text, keepEnds: false, a.Budget);
        // A line end at the end begins a line that is empty.
        if (text.Length == 0 || PythonText.IsLineEnd(text.Text[^1])) lines.Add(TemplateString.Empty);
        for (int i = 0; i < lines.Count; i++)
        {
            TemplateString line = (TemplateString)lines[i]!;
            if (i > 0) made.Append('\n', fromTemplate: true);
            if (i == 0 ? first : blank || line.Length > 0) made.Append(unit, count);
            made.Append(line);
        }
        return made.Build();
    }

    /// <summary>json.dumps with the arguments of transformers.</summary>
    public static object? ToJson(object? value, TemplateArguments a)
    {
        bool ascii = a.TakeTruth("ensure_ascii", false);
        object? indent = a.TakeOr("indent", null), separators = a.TakeOr("separators", null);
        bool sort = a.TakeTruth("sort_keys", false);
        TemplateString? unit = indent switch
        {
            null => null,
            TemplateString text => text,
            long and <= 0 => TemplateString.Empty,
            long spaces and <= MaximumIndent => TemplateString.OfValue(new string(' ', (int)spaces)),
            _ => throw a.Error($"needs an indent of 0 to {MaximumIndent} spaces, or a text"),
        };
        TemplateString between = TemplateString.OfValue(unit is null ? ", " : ","), behindKey = TemplateString.OfValue(": ");
        if (separators is not null)
        {
            if (separators is not List<object?> { Count: 2 } two || two[0] is not TemplateString first
                || two[1] is not TemplateString second)
                throw a.Error("needs two strings for 'separators'");
            (between, behindKey) = (first, second);
        }
        return new TemplateJsonWriter(new TemplateJsonStyle(ascii, unit, between, behindKey, sort), a.Budget).Write(value);
    }

    public static object? Truncate(object? value, TemplateArguments a)
    {
        TemplateString text = TemplateFilters.Text(value, a);
        long length = a.TakeInteger("length", 255);
        bool killWords = a.TakeTruth("killwords", false);
        TemplateString end = a.TryTake("end", out object? given) ? TemplateFilters.Text(given, a) : TemplateString.OfTemplate("...");
        long leeway = a.TakeOptionalInteger("leeway") ?? 5;
        if (length < end.CodePoints || leeway < 0) throw a.Error("needs a length that holds its end, and a leeway of at least 0");
        if (text.CodePoints <= Int128.CreateChecked(length) + leeway) return text;
        TemplateString kept = text.Slice(0, text.OffsetOf((int)(length - end.CodePoints)));
        if (!killWords && kept.Text.LastIndexOf(' ') is >= 0 and var space) kept = kept.Slice(0, space);
        TemplateStringBuilder made = new(a.Budget);
        made.Append(kept);
        made.Append(end);
        return made.Build();
    }

    public static object? UrlEncode(object? value, TemplateArguments a)
    {
        if (value is not TemplateString text) throw a.Error($"needs a string, not {TemplateValue.Describe(value)}");
        TemplateStringBuilder made = new(a.Budget);
        foreach (byte octet in Encoding.UTF8.GetBytes(text.Text))
        {
            char character = (char)octet;
            if (char.IsAsciiLetterOrDigit(character) || character is '_' or '.' or '-' or '~' or '/') made.Append(character,
                fromTemplate: false);
            else made.Append($"%{octet:X2}", fromTemplate: false);
        }
        return made.Build();
    }

    public static object? CountWords(object? value, TemplateArguments a)
    {
        TemplateString text = TemplateFilters.Text(value, a);
        a.Budget.Characters(text.Length);
        long words = 0;
        bool inWord = false;
        for (int i = 0; i < text.Length; i += TemplateString.LengthAt(text.Text, i))
        {
            int c = TemplateString.CodePointAt(text.Text, i);
            bool isWord = c == '_' || TextPredicates.IsAlphanumeric(c);
            if (isWord && !inWord) words++;
            inWord = isWord;
        }
        return words;
    }
}
