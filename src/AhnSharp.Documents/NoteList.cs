using System.Collections.Generic;
using System.Globalization;

namespace AhnSharp.Documents;

/// <summary>
/// What was left out of a document, a sentence each; beyond a thousand they are counted, for a file may be made to have millions.
/// </summary>
internal sealed class NoteList
{
    private const int Most = 1000;
    private readonly List<string> _notes = [];
    private long _more;

    public void Add(string note)
    {
        if (_notes.Count < Most) _notes.Add(note);
        else _more++;
    }

    public void AddRange(IEnumerable<string> notes)
    {
        foreach (string note in notes) Add(note);
    }

    public IReadOnlyList<string> ToList() =>
        _more == 0 ? _notes : [.. _notes, string.Create(CultureInfo.InvariantCulture, $"and {_more:N0} more of the like")];
}
