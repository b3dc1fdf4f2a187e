using System;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>Finds one needle in texts in a time that grows with the text alone, whatever the two look like.</summary>
/// <remarks>
/// The runtime's own search compares up to text × needle characters where both repeat themselves ('ab' × 2 M in 'ab' × 500 k takes
/// minutes), so it
/// serves needles of at most <see cref="ShortNeedle"/> characters. Longer ones are found as Knuth, Morris and Pratt do: no character is
/// looked at twice.
/// </remarks>
internal sealed class TextSearch
{
    private const int ShortNeedle = 16;

    private readonly string _needle;
    private readonly bool _backwards;
    private readonly int[] _borders; // [needle] length of the longest proper border of each beginning; empty where the needle is short

    /// <param name="needle">Not empty.</param>
    /// <param name="backwards">Whether <see cref="Last"/> is asked, or <see cref="First"/>.</param>
    public TextSearch(string needle, bool backwards = false)
    {
        (_needle, _backwards) = (needle, backwards);
        _borders = needle.Length <= ShortNeedle && !backwards ? [] : new int[needle.Length];
        for (int i = 1, border = 0; i < _borders.Length; i++)
        {
            while (border > 0 && At(i) != At(border)) border = _borders[border - 1];
            if (At(i) == At(border)) border++;
            _borders[i] = border;
        }
    }

    public static bool Contains(string text, string needle) => needle.Length == 0 || new TextSearch(needle).First(text, 0) >= 0;

    /// <summary>Offset of the first needle at or behind <paramref name="start"/>; -1 where there is none.</summary>
    public int First(string text, int start)
    {
        if (_borders.Length == 0) return text.IndexOf(_needle, start, StringComparison.Ordinal);
        for (int i = start, matched = 0; i < text.Length; i++)
        {
            while (matched > 0 && text[i] != At(matched)) matched = _borders[matched - 1];
            if (text[i] == At(matched)) matched++;
            if (matched == _needle.Length) return i - matched + 1;
        }
        return -1;
    }

    /// <summary>Offset of the last needle that ends at or before <paramref name="end"/>; -1 where there is none.</summary>
    public int Last(string text, int end)
    {
        for (int i = end - 1, matched = 0; i >= 0; i--)
        {
            while (matched > 0 && text[i] != At(matched)) matched = _borders[matched - 1];
            if (text[i] == At(matched)) matched++;
            if (matched == _needle.Length) return i;
        }
        return -1;
    }

    private char At(int i) => _needle[_backwards ? _needle.Length - 1 - i : i];
}
