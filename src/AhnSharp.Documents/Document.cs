using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AhnSharp.Documents.Text;

namespace AhnSharp.Documents;

/// <summary>What was read of one file or folder: its text in parts, and everything that is not in it.</summary>
public sealed record Document
{
    /// <summary>The name that the model is told: of the file or folder, without the folders above it.</summary>
    public required string Name { get; init; }

    /// <summary>What it was read as.</summary>
    public required DocumentKind Kind { get; init; }

    /// <summary>The title that the file itself gives, or null.</summary>
    public string? Title { get; init; }

    /// <summary>The author that the file itself gives, or null.</summary>
    public string? Author { get; init; }

    /// <summary>
    /// Pages, chapters or files, in reading order; one part where there is no such division. Parts without text are not among them.
    /// </summary>
    public required IReadOnlyList<DocumentPart> Parts { get; init; }

    /// <summary>Pages of the file, those without text included; 0 where it has none.</summary>
    public int Pages { get; init; }

    /// <summary>What was left out and why, a sentence each: nothing is lost without one.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The document with letters and the accents behind them composed (Unicode's form C); a note says where it changed.</summary>
    internal Document Composed()
    {
        List<DocumentPart> parts = [];
        int places = 0;
        string? first = null;
        foreach (DocumentPart part in Parts)
        {
            string text = Nfc.Compose(part.Text, out int changed, out int at);
            parts.Add(part with { Text = text });
            places += changed;
            if (first is null && changed > 0) first = PlaceOf(part, parts.Count, at);
        }
        if (places == 0) return this;
        string note = string.Create(CultureInfo.InvariantCulture, $"letters and their accents composed in "
            + $"{places:N0} {(places == 1 ? "place" : "places")} (Unicode's form C), the first {first}");
        return this with { Parts = parts, Notes = [.. Notes, note] };
    }

    private string PlaceOf(DocumentPart part, int number, int at)
    {
        int line = part.Text.AsSpan(0, at).Count('\n') + 1;
        string where = part.Page is { } page ? $"on page {page}, "
            : part.Path is { } path ? $"in {path}, " : Parts.Count > 1 ? $"in part {number}, " : "in ";
        return string.Create(CultureInfo.InvariantCulture, $"{where}line {line:N0}");
    }

    /// <summary>Characters of all parts.</summary>
    public long Characters => Parts.Sum(static part => (long)part.Text.Length);
}

/// <summary>A page, a chapter or a file of a document.</summary>
/// <param name="Text">Its text: lines end with \n, no blank lines at either end.</param>
/// <param name="Page">Its number, from 1, where it is a page.</param>
/// <param name="Path">Its path in the folder, with forward slashes, where it is a file.</param>
public readonly record struct DocumentPart(string Text, int? Page = null, string? Path = null);
