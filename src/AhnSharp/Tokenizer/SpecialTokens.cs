using System;
using System.Buffers;
using System.Collections.Generic;

namespace AhnSharp.Tokenizer;

/// <summary>Finds special tokens in text: the leftmost, and the longest of those that begin there.</summary>
internal sealed class SpecialTokens
{
    private readonly Dictionary<string, int> _ids;
    private readonly SearchValues<string> _any;
    private readonly string[] _longestFirst;

    public SpecialTokens(Dictionary<string, int> ids)
    {
        _ids = ids;
        _longestFirst = [.. ids.Keys];
        Array.Sort(_longestFirst, static (a, b) => a.Length != b.Length ? b.Length - a.Length : string.CompareOrdinal(a, b));
        _any = SearchValues.Create(_longestFirst, StringComparison.Ordinal);
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
            int found = text.AsSpan(offset).IndexOfAny(_any);
            if (found < 0) break;
            offset += found;
            foreach (string token in _longestFirst)
            {
                if (!text.AsSpan(offset).StartsWith(token, StringComparison.Ordinal)) continue;
                if (!allowed.IsEmpty && allowed.Slice(offset, token.Length).Contains(false)) continue;
                (length, id) = (token.Length, _ids[token]);
                return true;
            }
        }
        (offset, length, id) = (text.Length, 0, -1);
        return false;
    }
}
