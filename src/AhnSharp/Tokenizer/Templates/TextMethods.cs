using System;
using System.Collections.Generic;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>A method of a string.</summary>
internal delegate object? TextMethod(TemplateString text, TemplateArguments arguments);

/// <summary>The methods of strings, as Python defines them. What they make keeps the origin of every character.</summary>
internal static class TextMethods
{
    private static readonly Dictionary<string, TextMethod> Methods = new(StringComparer.Ordinal)
    {
        ["capitalize"] = static (text, a) => TextCase.Capitalize(text, a.Budget),
        ["casefold"] = static (text, a) => TextCase.CaseFold(text, a.Budget),
        ["center"] = static (text, a) => Pad(text, a, 0.5),
        ["count"] = Count,
        ["endswith"] = static (text, a) =>
            HasAffix(text, a, "suffix", static (part, affix) => part.EndsWith(affix, StringComparison.Ordinal)),
        ["expandtabs"] = ExpandTabs,
        ["find"] = static (text, a) => Find(text, a, backwards: false),
        ["format"] = static (text, a) => new TextFormat(a).Format(text),
        ["index"] = static (text, a) => Found(Find(text, a, backwards: false), a),
        ["isalnum"] = static (text, _) => TextPredicates.IsAll(text, TextPredicates.IsAlphanumeric),
        ["isalpha"] = static (text, _) => TextPredicates.IsAll(text, TextPredicates.IsLetter),
        ["isascii"] = static (text, _) => System.Text.Ascii.IsValid(text.Text),
        ["isdecimal"] = static (text, _) => TextPredicates.IsAll(text, TextPredicates.IsDecimal),
        ["isdigit"] = static (text, _) => TextPredicates.IsAll(text, TextPredicates.IsDigit),
        ["islower"] = static (text, _) => TextPredicates.IsLower(text),
        ["isnumeric"] = static (text, _) => TextPredicates.IsAll(text, TextPredicates.IsNumeric),
        ["isprintable"] = static (text, _) => text.Length == 0 || TextPredicates.IsAll(text, TemplateRepr.IsPrintable),
        ["isspace"] = static (text, _) => TextPredicates.IsAll(text, static c => c <= 0xFFFF && PythonText.IsSpace((char)c)),
        ["istitle"] = static (text, _) => TextPredicates.IsTitle(text),
        ["isupper"] = static (text, _) => TextPredicates.IsUpper(text),
        ["join"] = static (text, a) => JoinTexts(text, a),
        ["ljust"] = static (text, a) => Pad(text, a, 0),
        ["lower"] = static (text, a) => TextCase.Lower(text, a.Budget),
        ["lstrip"] = static (text, a) => Strip(text, a, atStart: true, atEnd: false),
        ["partition"] = static (text, a) => Partition(text, a, backwards: false),
        ["removeprefix"] = static (text, a) => a.TakeRequiredText("prefix") is var p
            && text.Text.StartsWith(p.Text, StringComparison.Ordinal) ? text.Slice(p.Length, text.Length - p.Length) : text,
        ["removesuffix"] = static (text, a) => a.TakeRequiredText("suffix") is var s
            && text.Text.EndsWith(s.Text, StringComparison.Ordinal) ? text.Slice(0, text.Length - s.Length) : text,
        ["replace"] = Replace,
        ["rfind"] = static (text, a) => Find(text, a, backwards: true),
        ["rindex"] = static (text, a) => Found(Find(text, a, backwards: true), a),
        ["rjust"] = static (text, a) => Pad(text, a, 1),
        ["rpartition"] = static (text, a) => Partition(text, a, backwards: true),
        ["rsplit"] = static (text, a) => Split(text, a, fromEnd: true),
        ["rstrip"] = static (text, a) => Strip(text, a, atStart: false, atEnd: true),
        ["split"] = static (text, a) => Split(text, a, fromEnd: false),
        ["splitlines"] = static (text, a) => Lines(text, a.TakeTruth("keepends", false), a.Budget),
        ["startswith"] = static (text, a) =>
            HasAffix(text, a, "prefix", static (part, affix) => part.StartsWith(affix, StringComparison.Ordinal)),
        ["strip"] = static (text, a) => Strip(text, a, atStart: true, atEnd: true),
        ["swapcase"] = static (text, a) => TextCase.Swap(text, a.Budget),
        ["title"] = static (text, a) => TextCase.Title(text, a.Budget),
        ["upper"] = static (text, a) => TextCase.Upper(text, a.Budget),
        ["zfill"] = ZeroFill,
    };

    // Python's strings have these too, but what they are for has no place in a template.
    private static readonly HashSet<string> Unsupported = ["encode", "format_map", "isidentifier", "maketrans", "translate"];

    public static TemplateCallable? Find(TemplateString text, string name)
    {
        if (Methods.TryGetValue(name, out TextMethod? method))
        {
            return new TemplateCallable($"the method '{name}'", arguments =>
            {
                arguments.Budget.Characters(text.Length);
                return method(text, arguments);
            });
        }
        return Unsupported.Contains(name)
            ? new TemplateCallable($"the method '{name}'", a => throw a.Error("of a string is not supported")) : null;
    }

    /// <summary>Calls a method for a filter of the same name.</summary>
    public static object? Call(TemplateString text, string name, TemplateArguments arguments) => Find(text, name)!.Call(arguments);

    /// <summary>Texts with another between them.</summary>
    public static TemplateString Join(TemplateString between, IEnumerable<object?> items, TemplateBudget budget)
    {
        List<TemplateString> pieces = [];
        foreach (object? item in items)
        {
            if (pieces.Count > 0) pieces.Add(between);
            pieces.Add(TemplateValue.ToText(item, budget));
            budget.Step();
            budget.Characters(between.Length + pieces[^1].Length);
        }
        return pieces.Count == 0 ? TemplateString.Empty : TemplateString.Join(pieces);
    }

    /// <summary>The lines of a text.</summary>
    public static List<object?> Lines(TemplateString text, bool keepEnds, TemplateBudget budget)
    {
        List<object?> lines = [];
        string source = text.Text;
        for (int start = 0, next; start < source.Length; start = next)
        {
            int end = start;
            while (end < source.Length && !PythonText.IsLineEnd(source[end])) end++;
            next = end == source.Length ? end : source[end] == '\r' && end + 1 < source.Length && source[end + 1] == '\n' ? end + 2
                : end + 1;
            budget.Step();
            lines.Add(text.Slice(start, (keepEnds ? next : end) - start));
        }
        return lines;
    }

    private static TemplateString Strip(TemplateString text, TemplateArguments a, bool atStart, bool atEnd)
    {
        string? characters = a.TakeText("chars")?.Text;
        a.Budget.Characters(characters?.Length ?? 0);
        return text.Trim(characters, atStart, atEnd);
    }

    private static TemplateString JoinTexts(TemplateString between, TemplateArguments a)
    {
        List<object?> items = TemplateValue.Items(a.Take("iterable"), a.Budget);
        if (items.Find(static item =>
            item is not TemplateString) is { } other) throw a.Error($"joins strings, not {TemplateValue.Describe(other)}");
        if (items.Contains(null)) throw a.Error("joins strings, not None");
        return Join(between, items, a.Budget);
    }

    // The part of a text that find, count and startswith look at: its offset and end.
    private static (int Start, int End) Part(TemplateString text, TemplateArguments a)
    {
        long? start = a.TakeOptionalInteger("start"), end = a.TakeOptionalInteger("end");
        if (start is null && end is null) return (0, text.Length);
        (long from, long to) = SliceExpression.Clamp(text.CodePoints, start, end, 1);
        if (start > text.CodePoints || to < from) return (0, -1);
        a.Budget.Characters(text.Length);
        return (text.OffsetOf((int)from), text.OffsetOf((int)to));
    }

    private static bool HasAffix(TemplateString text, TemplateArguments a, string name, Func<string, string, bool> matches)
    {
        object? affix = a.Take(name);
        (int start, int end) = Part(text, a);
        string part = end < start ? "" : text.Text[start..end];
        return affix switch
        {
            TemplateString one => end >= start && matches(part, one.Text),
            TemplateSequence { Kind: TemplateSequenceKind.Tuple } several => several.Exists(item => item is TemplateString one
                ? Charged(one) && end >= start && matches(part, one.Text)
                : throw a.Error($"needs strings, not {TemplateValue.Describe(item)}")),
            _ => throw a.Error($"needs a string or a tuple of strings, not {TemplateValue.Describe(affix)}"),
        };

        bool Charged(TemplateString one)
        {
            a.Budget.Characters(one.Length);
            a.Budget.Step();
            return true;
        }
    }

    private static object? Count(TemplateString text, TemplateArguments a)
    {
        string needle = a.TakeRequiredText("sub").Text;
        (int start, int end) = Part(text, a);
        if (end < start) return 0L;
        string part = text.Text[start..end];
        a.Budget.Characters(needle.Length);
        if (needle.Length == 0) return 1L + TemplateString.OfValue(part).CodePoints;
        TextSearch search = new(needle);
        long count = 0;
        for (int at = 0; (at = search.First(part, at)) >= 0; at += needle.Length) count++;
        return count;
    }

    private static long Find(TemplateString text, TemplateArguments a, bool backwards)
    {
        string needle = a.TakeRequiredText("sub").Text;
        (int start, int end) = Part(text, a);
        if (end < start) return -1;
        a.Budget.Characters(needle.Length);
        string part = text.Text[start..end];
        int at = needle.Length == 0 ? (backwards ? part.Length : 0)
            : backwards ? new TextSearch(needle, backwards: true).Last(part, part.Length) : new TextSearch(needle).First(part, 0);
        return at < 0 ? -1 : text.CodePointsBefore(start + at);
    }

    private static object Found(long at, TemplateArguments a) => at >= 0 ? at : throw a.Error("does not find that text");

    private static TemplateString Pad(TemplateString text, TemplateArguments a, double before)
    {
        long width = a.TakeInteger("width", 0);
        TemplateString fill = a.TryTake("fillchar", out object? given) && given is TemplateString { CodePoints: 1 } one ? one
            : given is null ? TemplateString.OfTemplate(" ") : throw a.Error("needs one character to fill with");
        long missing = width - text.CodePoints;
        if (missing <= 0) return text;
        // Python puts the odd one of center before the text where the width is odd.
        long left = before switch { 0 => 0, 1 => missing, _ => missing / 2 + (missing & width & 1) };
        TemplateStringBuilder made = new(a.Budget);
        made.Append(fill, left);
        made.Append(text);
        made.Append(fill, missing - left);
        return made.Build();
    }

    private static TemplateString ZeroFill(TemplateString text, TemplateArguments a)
    {
        long missing = a.TakeInteger("width", 0) - text.CodePoints;
        int sign = text.Text.StartsWith('-') || text.Text.StartsWith('+') ? 1 : 0;
        TemplateStringBuilder made = new(a.Budget);
        made.Append(text.Slice(0, sign));
        made.Append('0', missing, fromTemplate: false);
        made.Append(text.Slice(sign, text.Length - sign));
        return made.Build();
    }

    private static TemplateString ExpandTabs(TemplateString text, TemplateArguments a)
    {
        long size = a.TakeInteger("tabsize", 8), column = 0;
        TemplateStringBuilder made = new(a.Budget);
        for (int i = 0; i < text.Length; i++)
        {
            char character = text.Text[i];
            if (character == '\t')
            {
                long spaces = size > 0 ? size - column % size : 0;
                made.Append(' ', spaces, text.IsFromTemplate(i));
                column += spaces;
                continue;
            }
            made.Append(character, text.IsFromTemplate(i));
            column = character is '\n' or '\r' ? 0 : column + 1;
        }
        return made.Build();
    }

    private static object? Partition(TemplateString text, TemplateArguments a, bool backwards)
    {
        string separator = a.TakeRequiredText("sep").Text;
        if (separator.Length == 0) throw a.Error("needs a separator that is not empty");
        a.Budget.Characters(separator.Length);
        int at = backwards ? new TextSearch(separator, backwards: true).Last(text.Text, text.Length)
            : new TextSearch(separator).First(text.Text, 0);
        if (at < 0)
        {
            return backwards ? TemplateSequence.Tuple(TemplateString.Empty, TemplateString.Empty, text)
                : TemplateSequence.Tuple(text, TemplateString.Empty, TemplateString.Empty);
        }
        int behind = at + separator.Length;
        return TemplateSequence.Tuple(text.Slice(0, at), text.Slice(at, separator.Length), text.Slice(behind, text.Length - behind));
    }

    private static List<object?> Split(TemplateString text, TemplateArguments a, bool fromEnd)
    {
        string? separator = a.TakeText("sep")?.Text;
        if (separator is "") throw a.Error("needs a separator that is not empty");
        a.Budget.Characters(separator?.Length ?? 0);
        long most = a.TakeInteger("maxsplit", -1);
        return [.. fromEnd ? text.SplitFromEnd(separator, most, a.Budget) : text.Split(separator, most, a.Budget)];
    }

    private static TemplateString Replace(TemplateString text, TemplateArguments a)
    {
        TemplateString old = a.TakeRequiredText("old"), replacement = a.TakeRequiredText("new");
        long count = a.TakeOptionalInteger("count") ?? -1;
        a.Budget.Characters(old.Length);
        if (old.Length > 0) return Join(replacement, text.Split(old.Text, count, a.Budget), a.Budget);
        // Nothing is before every character and at the end.
        TemplateStringBuilder made = new(a.Budget);
        foreach (TemplateString character in text.Characters())
        {
            a.Budget.Step();
            if (count-- != 0) made.Append(replacement);
            else count = 0;
            made.Append(character);
        }
        if (count != 0) made.Append(replacement);
        return made.Build();
    }
}
