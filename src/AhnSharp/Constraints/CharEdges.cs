using System;
using System.Collections.Generic;

namespace AhnSharp.Constraints;

/// <summary>Edges over bytes for sets of characters. States behind the first byte are shared by all that lead to the same place.</summary>
internal sealed class CharEdges(Func<int> newState, Action<int, byte, byte, int> addBytes)
{
    private static readonly (char Escape, int Value)[] s_shortEscapes =
        [('"', '"'), ('\\', '\\'), ('/', '/'), ('b', 8), ('f', 12), ('n', 10), ('r', 13), ('t', 9)];

    private static readonly CharSet s_raw = CharSet.Of((0x20, CharSet.Largest)).Except(CharSet.Of(('"', '"'), ('\\', '\\')));
    private static readonly CharSet s_plain = CharSet.Of((0x20, 0x7E));

    private readonly Dictionary<(int To, int Bits, int Digits, RangeList Ranges), int> _digitsThen = [];
    private readonly Dictionary<(int To, RangeList Ranges), int> _lowSurrogateThen = [];
    private readonly Dictionary<(int To, CharSet Set, CharCoding Coding), int> _escapes = [];

    public void Add(int from, int to, CharSet set, CharCoding coding)
    {
        if (coding == CharCoding.Utf8)
        {
            AddUtf8(from, to, set);
            return;
        }
        AddUtf8(from, to, set.Intersect(s_raw));
        if (set.IsEmpty) return;
        if (!_escapes.TryGetValue((to, set, coding), out int escape)) escape = AddEscapes(to, set, coding);
        if (escape >= 0) addBytes(from, (byte)'\\', (byte)'\\', escape);
    }

    private void AddUtf8(int from, int to, CharSet set)
    {
        ReadOnlySpan<int> limits = [-1, 0x7F, 0x7FF, 0xFFFF, CharSet.Largest];
        for (int length = 1; length <= 4; length++)
        {
            RangeList ranges = RangeList.Within(set, limits[length - 1] + 1, limits[length], 0);
            if (ranges.IsEmpty) continue;
            // The first byte says the length in its upper bits: 0xxxxxxx, 110xxxxx, 1110xxxx, 11110xxx; all others are 10xxxxxx.
            int lead = length == 1 ? 0 : 0xF00 >> length & 0xFF;
            AddDigits(from, to, ranges, length == 1 ? 7 : 6, length, lead);
        }
    }

    /// <summary>
    /// Numbers as digits of so many bits, in a tree: digits behind which the same may follow are one edge, and what may follow is one state
    /// wherever it is needed again.
    /// </summary>
    /// <param name="from">Where the first digit is added.</param>
    /// <param name="to">Where the last one leads.</param>
    /// <param name="ranges">The numbers.</param>
    /// <param name="bits">Bits in a digit: 4 are hex digits, others bytes of UTF-8.</param>
    /// <param name="digits">How many digits.</param>
    /// <param name="lead">Bits that the first byte has beside the digit.</param>
    private void AddDigits(int from, int to, RangeList ranges, int bits, int digits, int lead)
    {
        foreach ((int first, int last, RangeList rest) in ranges.ByFirstDigit(bits, digits))
        {
            int next = to;
            if (digits > 1 && !_digitsThen.TryGetValue((to, bits, digits, rest), out next))
            {
                _digitsThen.Add((to, bits, digits, rest), next = newState());
                AddDigits(next, to, rest, bits, digits - 1, 0x80);
            }
            if (bits == 4) AddHexDigit(from, next, first, last);
            else addBytes(from, (byte)(lead | first), (byte)(lead | last), next);
        }
    }

    private int AddEscapes(int to, CharSet set, CharCoding coding)
    {
        int state = -1;
        int State() => state < 0 ? state = newState() : state;
        foreach ((char escape, int value) in s_shortEscapes)
        {
            if (set.Contains(value)) addBytes(State(), (byte)escape, (byte)escape, to);
        }
        CharSet numbered = coding == CharCoding.Json ? set : set.Except(s_plain);
        if (!numbered.IsEmpty)
        {
            int digits = newState();
            addBytes(State(), (byte)'u', (byte)'u', digits);
            AddDigits(digits, to, RangeList.Within(numbered, 0, 0xFFFF, 0), 4, 4, 0);
            AddPairs(digits, to, RangeList.Within(numbered, 0x10000, CharSet.Largest, 0x10000));
        }
        _escapes.Add((to, set, coding), state);
        return state;
    }

    private void AddPairs(int from, int to, RangeList ranges)
    {
        foreach ((int first, int last, RangeList low) in ranges.ByFirstDigit(10, 2))
        {
            if (!_lowSurrogateThen.TryGetValue((to, low), out int behind))
            {
                _lowSurrogateThen.Add((to, low), behind = newState());
                int letter = newState(), digits = newState();
                addBytes(behind, (byte)'\\', (byte)'\\', letter);
                addBytes(letter, (byte)'u', (byte)'u', digits);
                AddDigits(digits, to, low.Plus(0xDC00), 4, 4, 0);
            }
            AddDigits(from, behind, RangeList.Of(0xD800 + first, 0xD800 + last), 4, 4, 0);
        }
    }

    private void AddHexDigit(int from, int to, int first, int last)
    {
        if (first <= 9) addBytes(from, (byte)('0' + first), (byte)('0' + Math.Min(last, 9)), to);
        if (last < 10) return;
        int low = Math.Max(first, 10) - 10, high = last - 10;
        addBytes(from, (byte)('a' + low), (byte)('a' + high), to);
        addBytes(from, (byte)('A' + low), (byte)('A' + high), to);
    }
}
