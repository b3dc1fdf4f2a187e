using System.Collections.Generic;
using System.Globalization;
using System.Numerics;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>Values as Python prints them: str() of what is printed, repr() of what lies in lists and mappings.</summary>
internal static class TemplateRepr
{
    /// <summary>str(value), for printing and joining.</summary>
    public static TemplateString Text(object? value, TemplateBudget budget)
    {
        switch (value)
        {
            case TemplateString text: return text;
            case UndefinedValue: return TemplateString.Empty;
        }
        TemplateStringBuilder made = new(budget);
        Write(value, made);
        return made.Build();
    }

    /// <summary>repr(value).</summary>
    public static TemplateString Repr(object? value, TemplateBudget budget)
    {
        TemplateStringBuilder made = new(budget);
        Write(value, made);
        return made.Build();
    }

    private static void Write(object? value, TemplateStringBuilder made)
    {
        made.Budget.Step();
        made.Budget.Enter();
        switch (value)
        {
            case null: Own("None"); break;
            case bool truth: Own(truth ? "True" : "False"); break;
            case long or BigInteger: Own(PythonText.Number(value)); break;
            case double number: Own(PythonText.Float(number)); break;
            case TemplateString text: Quote(text, made); break;
            case UndefinedValue: Own("Undefined"); break;
            case TemplateSequence sequence: Write(sequence, made); break;
            case List<object?> list: Items("[", list, "]", made); break;
            case TemplateMap map: Write(map, made); break;
            case TemplateNamespace space:
                Own("<Namespace ");
                Write(space.AsMap(made.Budget), made);
                Own(">");
                break;
            case TemplateLoop loop: Own(loop.ToString()); break;
            case TemplateMacro macro: Own($"<Macro '{macro.Name}'>"); break;
            default: throw new ChatTemplateException(made.Budget.Line, $"{TemplateValue.Describe(value)} cannot be printed.");
        }
        made.Budget.Leave();

        void Own(string text) => made.Append(text, fromTemplate: false);
    }

    private static void Write(TemplateSequence sequence, TemplateStringBuilder made)
    {
        switch (sequence.Kind)
        {
            case TemplateSequenceKind.Tuple: Items("(", sequence, sequence.Count == 1 ? ",)" : ")", made); break;
            case TemplateSequenceKind.Range: made.Append(sequence.Printed, fromTemplate: false); break;
            case TemplateSequenceKind.Keys: Items("dict_keys([", sequence, "])", made); break;
            case TemplateSequenceKind.Values: Items("dict_values([", sequence, "])", made); break;
            case TemplateSequenceKind.Items: Items("dict_items([", sequence, "])", made); break;
            default:
                throw new ChatTemplateException(made.Budget.Line,
                "what select, map and their kin give cannot be printed; make a list of it with '| list'.");
        }
    }

    private static void Items(string open, List<object?> items, string close, TemplateStringBuilder made)
    {
        made.Append(open, fromTemplate: false);
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0) made.Append(", ", fromTemplate: false);
            Write(items[i], made);
        }
        made.Append(close, fromTemplate: false);
    }

    private static void Write(TemplateMap map, TemplateStringBuilder made)
    {
        string before = "{";
        foreach ((TemplateKey key, object? value) in map.Pairs)
        {
            made.Append(before, fromTemplate: false);
            Write(key.Value, made);
            made.Append(": ", fromTemplate: false);
            Write(value, made);
            before = ", ";
        }
        made.Append(map.Count == 0 ? "{}" : "}", fromTemplate: false);
    }

    // Single quotes, unless these are in the text and double ones are not; escapes for what is not printable.
    private static void Quote(TemplateString text, TemplateStringBuilder made)
    {
        string source = text.Text;
        char quote = source.Contains('\'', System.StringComparison.Ordinal) && !source.Contains('"', System.StringComparison.Ordinal)
            ? '"' : '\'';
        made.Append(quote, fromTemplate: false);
        for (int i = 0; i < source.Length;)
        {
            int length = TemplateString.LengthAt(source, i), c = TemplateString.CodePointAt(source, i);
            bool origin = text.IsFromTemplate(i);
            string? escaped = c switch
            {
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when c == quote => "\\" + quote,
                _ when IsPrintable(c) => null,
                <= 0xFF => string.Create(CultureInfo.InvariantCulture, $"\\x{c:x2}"),
                <= 0xFFFF => string.Create(CultureInfo.InvariantCulture, $"\\u{c:x4}"),
                _ => string.Create(CultureInfo.InvariantCulture, $"\\U{c:x8}"),
            };
            if (escaped is not null) made.Append(escaped, fromTemplate: false);
            else made.Append(source.Substring(i, length), origin);
            i += length;
        }
        made.Append(quote, fromTemplate: false);
    }

    /// <summary>str.isprintable of a character.</summary>
    public static bool IsPrintable(int codePoint) => codePoint == ' ' || CharUnicodeInfo.GetUnicodeCategory(codePoint) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
