using System.Collections.Generic;
using System.Globalization;

namespace AhnSharp.Documents.Docx;

/// <summary>What of a Word file is no text of it, counted.</summary>
internal sealed class WordLeftOut
{
    public long Deleted { get; set; }

    public long Hidden { get; set; }

    public long Symbols { get; set; }

    public long Pictures { get; set; }

    public long Readings { get; set; }

    public long Inserts { get; set; }

    public IEnumerable<string> Sentences()
    {
        if (Deleted > 0) yield return Of(Deleted, "character", "characters", "deleted by tracked changes (what they inserted is read)");
        if (Hidden > 0) yield return Of(Hidden, "character", "characters", "formatted as hidden");
        if (Symbols > 0) yield return Of(Symbols, "sign", "signs", "of symbol fonts");
        if (Pictures > 0) yield return Of(Pictures, "picture", "pictures", "without a description");
        if (Readings > 0) yield return Of(Readings, "character", "characters", "of readings of ruby text");
        if (Inserts > 0) yield return Of(Inserts, "file", "files", "inserted whole");
    }

    private static string Of(long count, string one, string many, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"left out {count:N0} {(count == 1 ? one : many)} {what}");
}
