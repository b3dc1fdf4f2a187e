using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AhnSharp.Gguf;

namespace AhnSharp.Conversion;

/// <summary>Which tensors are not written in the type that was asked for, a sentence for each kind of row.</summary>
internal sealed class FallbackNotes
{
    private const int NamesShown = 4;

    // A kind of row: tensors of it, the first one, and their names with the layers taken together.
    private readonly OrderedDictionary<(long RowLength, TypeChoice Choice), (int Count, string First, List<string> Names)> _groups = [];

    public void Add(string tensor, long rowLength, TypeChoice choice)
    {
        if (!choice.IsFallback) return;
        (int count, string first, List<string> names) =
            _groups.TryGetValue((rowLength, choice), out (int, string, List<string>) group) ? group : (0, tensor, []);
        string anyLayer =
            tensor.StartsWith("blk.", System.StringComparison.Ordinal) ? $"blk.*.{string.Join('.', tensor.Split('.').Skip(2))}" : tensor;
        if (!names.Contains(anyLayer)) names.Add(anyLayer);
        _groups[(rowLength, choice)] = (count + 1, first, names);
    }

    public IEnumerable<string> Sentences()
    {
        foreach (((long rowLength, TypeChoice choice), (int count, string first, List<string> names)) in _groups)
        {
            string more = names.Count > NamesShown ? $" and {names.Count - NamesShown} more" : "";
            string tensors = count == 1 ? $"{first} is" : $"{count} tensors ({string.Join(", ", names.Take(NamesShown))}{more}) are";
            yield return string.Create(CultureInfo.InvariantCulture,
                $"Rows of {rowLength} weights are no multiple of {choice.Wanted.BlockLength()}: {tensors} written as {choice.Type} instead "
                    + $"of {choice.Wanted}.");
        }
    }
}
