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

    private readonly Dictionary<(int To, int First, int Last), int> _byteThen = [];
    private readonly Dictionary<(int To, int First, int Last), int> _digitThen = [], _lowSurrogateThen = [];
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
        foreach ((int first, int last) in set.Ranges)
        {
            Span<int> limits = [0x7F, 0x7FF, 0xFFFF, CharSet.Largest];
            for (int length = 1, low = first; length <= 4 && low <= last; length++)
            {
                if (low > limits[length - 1]) continue;
                int high = Math.Min(last, limits[length - 1]);
                AddBytesOf(from, to, low, high, length);
                low = high + 1;
            }
        }
    }

    // Numbers low … high, which have the same length, as sequences of ranges of bytes: 6 bits in each but the first.
    private void AddBytesOf(int from, int to, int low, int high, int length)
    {
        if (length == 1)
        {
            addBytes(from, (byte)low, (byte)high, to);
            return;
        }
        foreach ((int First, int Last)[] digits in Split(low, high, 6, length))
        {
            int at = to;
            for (int i = length - 1; i > 0; i--) at = BytesThen(at, 0x80 | digits[i].First, 0x80 | digits[i].Last);
            int lead = 0xF00 >> length & 0xFF;
            addBytes(from, (byte)(lead | digits[0].First), (byte)(lead | digits[0].Last), at);
        }
    }

    private int BytesThen(int to, int first, int last)
    {
        if (_byteThen.TryGetValue((to, first, last), out int state)) return state;
        _byteThen.Add((to, first, last), state = newState());
        addBytes(state, (byte)first, (byte)last, to);
        return state;
    }

    /// <summary>
    /// The numbers low … high as products of ranges of digits of so many bits: only the last digits of a product are ranges.
    /// </summary>
    private static List<(int First, int Last)[]> Split(int low, int high, int bits, int digits)
    {
        List<(int, int)[]> products = [];
        int mask = (1 << bits) - 1;
        while (low <= high)
        {
            // As many whole digits at the end as begin at zero here and end before high.
            int free = 0;
            while (free < digits - 1 && (low & ((1 << (bits * (free + 1))) - 1)) == 0 && low + (1 << (bits * (free + 1))) - 1 <= high) free++;
            int shift = bits * free, top = (low >> shift) & mask;
            int room = free == digits - 1 ? int.MaxValue : mask;
            int last = top;
            while (last < room && (((low >> shift) - top + last + 2) << shift) - 1 <= high) last++;
            (int, int)[] product = new (int, int)[digits];
            for (int i = 0; i < digits; i++)
            {
                int place = digits - 1 - i;
                int digit = (low >> (bits * place)) & (i == 0 ? int.MaxValue : mask);
                product[i] = place < free ? (0, mask) : place == free ? (top, last) : (digit, digit);
            }
            products.Add(product);
            low = ((low >> shift) - top + last + 1) << shift;
        }
        return products;
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
            foreach ((int first, int last) in numbered.Ranges)
            {
                if (first <= 0xFFFF) AddHex(digits, to, first, Math.Min(last, 0xFFFF));
                if (last > 0xFFFF) AddPairs(digits, to, Math.Max(first, 0x10000) - 0x10000, last - 0x10000);
            }
        }
        _escapes.Add((to, set, coding), state);
        return state;
    }

    private void AddPairs(int from, int to, int low, int high)
    {
        foreach ((int First, int Last)[] pair in Split(low, high, 10, 2))
        {
            if (!_lowSurrogateThen.TryGetValue((to, pair[1].First, pair[1].Last), out int behind))
            {
                int digits = newState();
                AddHex(digits, to, 0xDC00 + pair[1].First, 0xDC00 + pair[1].Last);
                behind = BytesThen(BytesThen(digits, 'u', 'u'), '\\', '\\');
                _lowSurrogateThen.Add((to, pair[1].First, pair[1].Last), behind);
            }
            AddHex(from, behind, 0xD800 + pair[0].First, 0xD800 + pair[0].Last);
        }
    }

    private void AddHex(int from, int to, int low, int high)
    {
        foreach ((int First, int Last)[] digits in Split(low, high, 4, 4))
        {
            int at = to;
            for (int i = 3; i > 0; i--)
            {
                if (!_digitThen.TryGetValue((at, digits[i].First, digits[i].Last), out int state))
                {
                    _digitThen.Add((at, digits[i].First, digits[i].Last), state = newState());
                    AddDigit(state, at, digits[i]);
                }
                at = state;
            }
            AddDigit(from, at, digits[0]);
        }
    }

    private void AddDigit(int from, int to, (int First, int Last) digit)
    {
        if (digit.First <= 9) addBytes(from, (byte)('0' + digit.First), (byte)('0' + Math.Min(digit.Last, 9)), to);
        if (digit.Last < 10) return;
        int low = Math.Max(digit.First, 10) - 10, high = digit.Last - 10;
        addBytes(from, (byte)('a' + low), (byte)('a' + high), to);
        addBytes(from, (byte)('A' + low), (byte)('A' + high), to);
    }
}
