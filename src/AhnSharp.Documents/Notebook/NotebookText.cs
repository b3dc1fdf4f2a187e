using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using AhnSharp.Gguf;

namespace AhnSharp.Documents.Notebook;

/// <summary>A notebook of Jupyter → its cells: prose as it stands, code between fences, and what came out of it as text.</summary>
/// <remarks>
/// Pictures and HTML beside a text are left out and counted. Source: nbformat 4; the worksheets of version 3 are read too.
/// </remarks>
internal static class NotebookText
{
    /// <summary>The notebook; null where the text is none.</summary>
    public static Document? Read(string name, string text)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            JsonElement root = json.RootElement;
            if (!JsonTexts.AreWhole(text, root))
                throw new DocumentException(name, $"expected {JsonTexts.Expected}, found {JsonTexts.Found}.");
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("nbformat", out _)) return null;
            Cells cells = new(Language(root));
            foreach (JsonElement cell in CellsOf(root)) cells.Add(cell);
            return new Document { Name = name, Kind = DocumentKind.Notebook, Parts = cells.Parts, Notes = cells.Notes };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<JsonElement> CellsOf(JsonElement root)
    {
        if (Property(root, "cells") is { ValueKind: JsonValueKind.Array } cells) return cells.EnumerateArray();
        if (Property(root, "worksheets") is not { ValueKind: JsonValueKind.Array } sheets) return [];
        return sheets.EnumerateArray().Select(static sheet => Property(sheet, "cells")).OfType<JsonElement>()
            .Where(static list => list.ValueKind == JsonValueKind.Array).SelectMany(static list => list.EnumerateArray());
    }

    private static string Language(JsonElement root)
    {
        JsonElement? metadata = Property(root, "metadata");
        string? named = StringOf(Property(Property(metadata, "language_info"), "name"))
            ?? StringOf(Property(Property(metadata, "kernelspec"), "language"));
        return named is not null && named.Length < 30
            && named.All(static c => char.IsAsciiLetterOrDigit(c) || c is '+' or '#' or '-') ? named : "";
    }

    private static JsonElement? Property(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty(name, out JsonElement found) ? found : null;

    private static string? StringOf(JsonElement? json) => json is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    // A text is a string, or a list of its lines.
    private static string TextOf(JsonElement? json) => json switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Array } lines => string.Concat(lines.EnumerateArray().Select(static line => StringOf(line) ?? "")),
        _ => "",
    };

    private sealed class Cells(string language)
    {
        private readonly StringBuilder _text = new();
        private int _pictures, _markup;

        public IReadOnlyList<DocumentPart> Parts => TextBytes.Parts(_text.ToString());

        public IReadOnlyList<string> Notes
        {
            get
            {
                List<string> notes = [];
                if (_pictures > 0)
                {
                    notes.Add(string.Create(CultureInfo.InvariantCulture,
                        $"left out {_pictures:N0} {(_pictures == 1 ? "picture" : "pictures")} among the outputs and attachments"));
                }
                if (_markup > 0)
                {
                    notes.Add(string.Create(CultureInfo.InvariantCulture,
                        $"left out {_markup:N0} {(_markup == 1 ? "output" : "outputs")} without a form as text"));
                }
                return notes;
            }
        }

        public void Add(JsonElement cell)
        {
            string kind = StringOf(Property(cell, "cell_type")) ?? "code";
            string source = TextOf(Property(cell, "source") ?? Property(cell, "input")).TrimEnd();
            if (Property(cell, "attachments") is { ValueKind: JsonValueKind.Object } attachments)
                _pictures += attachments.EnumerateObject().Count();
            if (kind == "code") Fenced(language, source);
            else if (kind == "heading") Block($"{new string('#', Level(cell))} {source}");
            else Block(source);
            if (Property(cell, "outputs") is not { ValueKind: JsonValueKind.Array } outputs) return;
            foreach (JsonElement output in outputs.EnumerateArray()) AddOutput(output);
        }

        private static int Level(JsonElement cell) => Property(cell, "level") is { ValueKind: JsonValueKind.Number } level
            && level.TryGetInt32(out int number) ? Math.Clamp(number, 1, 6) : 1;

        private void AddOutput(JsonElement output)
        {
            JsonElement? data = Property(output, "data") ?? output;
            string text = TextOf(Property(data, "text/plain") ?? Property(output, "text"));
            if (StringOf(Property(output, "output_type")) is "error" or "pyerr")
                text = Property(output, "traceback") is { ValueKind: JsonValueKind.Array } trace && trace.GetArrayLength() > 0
                    ? string.Join('\n', trace.EnumerateArray().Select(static line => StringOf(line) ?? ""))
                    : $"{StringOf(Property(output, "ename"))}: {StringOf(Property(output, "evalue"))}";
            bool isPicture = data is { ValueKind: JsonValueKind.Object } all && all.EnumerateObject().Any(
                static item => item.Name.StartsWith("image/", StringComparison.Ordinal) || item.Name is "png" or "jpeg" or "svg");
            if (isPicture) _pictures++;
            if (TextOf(Property(data, "text/markdown")) is { Length: > 0 } markdown) Block(markdown.TrimEnd());
            // Beside a picture stands only its object's name.
            else if (text.Length > 0 && !isPicture) Fenced("", WithoutColours(text).TrimEnd());
            else if (!isPicture) _markup++;
        }

        private void Fenced(string info, string text)
        {
            if (text.Length == 0) return;
            int longest = 0, run = 0;
            foreach (char c in text) longest = Math.Max(longest, run = c == '`' ? run + 1 : 0);
            string fence = new('`', Math.Max(3, longest + 1));
            Block($"{fence}{info}\n{text}\n{fence}");
        }

        private void Block(string text)
        {
            if (text.Length == 0) return;
            if (_text.Length > 0) _text.Append("\n\n");
            _text.Append(text);
        }

        // Traces of errors are coloured for terminals: ESC [ … letter.
        private static string WithoutColours(string text)
        {
            if (!text.Contains('\u001B', StringComparison.Ordinal)) return text;
            StringBuilder plain = new(text.Length);
            for (int i = 0; i < text.Length; i++)
            {
                if (text[i] != '\u001B')
                {
                    plain.Append(text[i]);
                    continue;
                }
                if (i + 1 < text.Length && text[i + 1] == '[')
                {
                    i += 2;
                    while (i < text.Length && text[i] is >= ' ' and < '@') i++;
                }
            }
            return plain.ToString();
        }
    }
}
