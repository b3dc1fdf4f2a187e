using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>How tojson writes: json.dumps with the arguments that transformers passes on.</summary>
/// <param name="AsciiOnly">Whether other characters become escapes.</param>
/// <param name="Indent">What a level is indented with; null: everything on one line.</param>
/// <param name="ItemSeparator">Between items.</param>
/// <param name="KeySeparator">Between key and value.</param>
/// <param name="SortKeys">Whether keys are put in order.</param>
internal sealed record TemplateJsonStyle(bool AsciiOnly, TemplateString? Indent, TemplateString ItemSeparator,
    TemplateString KeySeparator, bool SortKeys);

/// <summary>Values → JSON as Python's json.dumps writes it; characters of strings keep their origin, all others are values.</summary>
internal sealed class TemplateJsonWriter(TemplateJsonStyle style, TemplateBudget budget)
{
    private readonly TemplateStringBuilder _json = new(budget);

    public TemplateString Write(object? value)
    {
        Write(value, 0);
        return _json.Build();
    }

    private void Write(object? value, int level)
    {
        budget.Step();
        budget.Enter();
        switch (value)
        {
            case null: Own("null"); break;
            case bool truth: Own(truth ? "true" : "false"); break;
            case long or double or BigInteger: Own(PythonText.Number(value)); break;
            case TemplateString text: WriteString(text); break;
            case List<object?> list and not TemplateSequence { Kind: not TemplateSequenceKind.Tuple }:
                WriteItems('[', ']', list.Count, level, i => Write(list[i], level + 1));
                break;
            case TemplateMap map:
                List<KeyValuePair<TemplateKey, object?>> pairs = Pairs(map);
                WriteItems('{', '}', pairs.Count, level, i => WriteProperty(pairs[i], level));
                break;
            default:
                throw new ChatTemplateException(budget.Line, $"tojson cannot write {TemplateValue.Describe(value)}.");
        }
        budget.Leave();
    }

    private List<KeyValuePair<TemplateKey, object?>> Pairs(TemplateMap map)
    {
        budget.Step(map.Count);
        List<KeyValuePair<TemplateKey, object?>> pairs = [.. map.Pairs];
        if (!style.SortKeys) return pairs;
        return [.. pairs.Order(Comparer<KeyValuePair<TemplateKey,
            object?>>.Create((a, b) => TemplateValue.Compare(a.Key.Value, b.Key.Value, budget)))];
    }

    private void WriteProperty(KeyValuePair<TemplateKey, object?> property, int level)
    {
        switch (property.Key.Value)
        {
            case TemplateString name: WriteString(name); break;
            case null: Own("\"null\""); break;
            case bool truth: Own(truth ? "\"true\"" : "\"false\""); break;
            case long or double or BigInteger: Own($"\"{PythonText.Number(property.Key.Value)}\""); break;
            default:
                throw new ChatTemplateException(budget.Line,
                $"tojson cannot write a mapping whose key is {TemplateValue.Describe(property.Key.Value)}.");
        }
        _json.Append(style.KeySeparator);
        Write(property.Value, level + 1);
    }

    private void WriteItems(char open, char close, int count, int level, Action<int> write)
    {
        _json.Append(open, fromTemplate: false);
        for (int i = 0; i < count; i++)
        {
            if (i > 0) _json.Append(style.ItemSeparator);
            NewLine(level + 1);
            write(i);
        }
        if (count > 0) NewLine(level);
        _json.Append(close, fromTemplate: false);
    }

    private void NewLine(int level)
    {
        if (style.Indent is not { } indent) return;
        Own("\n");
        _json.Append(indent, level);
    }

    private void WriteString(TemplateString text)
    {
        Own("\"");
        string source = text.Text;
        for (int i = 0; i < source.Length; i++)
        {
            char character = source[i];
            switch (character)
            {
                case '"': Own("\\\""); break;
                case '\\': Own("\\\\"); break;
                case '\n': Own("\\n"); break;
                case '\r': Own("\\r"); break;
                case '\t': Own("\\t"); break;
                case '\b': Own("\\b"); break;
                case '\f': Own("\\f"); break;
                case < ' ': Own(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}")); break;
                case > '~' when style.AsciiOnly: Own(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}")); break;
                default: _json.Append(character, text.IsFromTemplate(i)); break;
            }
        }
        Own("\"");
    }

    private void Own(string text) => _json.Append(text, fromTemplate: false);
}
