using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer;

/// <summary>Finds special tokens in text: the leftmost, and the longest of those that begin there.</summary>
/// <remarks>
/// The names lie in order, and a name is looked for character by character among those that begin so: of a place in the text at most
/// <see cref="MaximumLength"/> characters are compared, each in log₂ of their number, whatever the vocabulary is made of. Speech models
/// have tens of thousands of special tokens; a hostile file had 150,000 that all began with e.
/// </remarks>
internal sealed class SpecialTokens
{
    /// <summary>Most UTF-16 units of a name. Those of the family have 27.</summary>
    public const int MaximumLength = 512;

    private readonly Dictionary<string, int> _ids;
    private readonly SearchValues<char> _beginnings;
    private readonly string[] _names; // in ordinal order
    private readonly int _longest;

    public SpecialTokens(Dictionary<string, int> ids)
    {
        _ids = ids;
        foreach ((string name, int id) in ids)
        {
            if (name.Length > MaximumLength)
            {
                throw new InvalidModelException(
                    $"tokenizer.ggml.tokens[{id}]: expected a special token of at most {MaximumLength} characters, "
                        + $"found {name.Length} ({GgufText.Quote(name[..40])} …).");
            }
        }
        _names = [.. ids.Keys];
        Array.Sort(_names, string.CompareOrdinal);
        _longest = _names.Length == 0 ? 0 : _names.Max(static name => name.Length);
        _beginnings = SearchValues.Create([.. _names.Select(static name => name[0]).Distinct()]);
    }

    /// <summary>The id of a special token by its text.</summary>
    public int? IdOf(string text) => _ids.TryGetValue(text, out int id) ? id : null;

    /// <summary>The first special token at or after <paramref name="start"/> all of whose characters are allowed.</summary>
    /// <param name="text">The text to search.</param>
    /// <param name="allowed">One entry a character of the text, false where it may not be part of a special token; empty = all may.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="offset">Where the token begins, or the length of the text.</param>
    /// <param name="length">Its length in UTF-16 units, or 0.</param>
    /// <param name="id">Its id.</param>
    public bool TryFind(string text, ReadOnlySpan<bool> allowed, int start, out int offset, out int length, out int id)
    {
        for (offset = start; offset < text.Length; offset++)
        {
            int found = text.AsSpan(offset).IndexOfAny(_beginnings);
            if (found < 0) break;
            offset += found;
            string? name = Longest(text, allowed, offset, out _);
            if (name is null) continue;
            (length, id) = (name.Length, _ids[name]);
            return true;
        }
        (offset, length, id) = (text.Length, 0, -1);
        return false;
    }

    /// <summary>The first place at or after <paramref name="start"/> from which the rest of the text is the beginning of a longer special
    /// token; the length of the text where there is none.</summary>
    public int OpenEnd(string text, int start)
    {
        for (int offset = Math.Max(start, text.Length - _longest + 1); offset < text.Length; offset++)
        {
            Longest(text, [], offset, out bool mayGoOn);
            if (mayGoOn) return offset;
        }
        return text.Length;
    }

    // The longest name that begins at a place; and whether the text ends within a longer one.
    private string? Longest(string text, ReadOnlySpan<bool> allowed, int offset, out bool mayGoOn)
    {
        string? longest = null;
        int low = 0, high = _names.Length; // names that begin with what was compared
        for (int depth = 0; low < high; depth++)
        {
            // A name that ends here stands before those that go on.
            if (_names[low].Length == depth && depth > 0) longest = _names[low++];
            int at = offset + depth;
            if (at == text.Length)
            {
                mayGoOn = low < high;
                return longest;
            }
            if (!allowed.IsEmpty && !allowed[at]) break;
            (low, high) = (Bound(low, high, depth, text[at]), Bound(low, high, depth, text[at] + 1));
        }
        mayGoOn = false;
        return longest;
    }

    // The first of the names whose character at a depth is at least this.
    private int Bound(int low, int high, int depth, int character)
    {
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_names[middle][depth] < character) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
