using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace AhnSharp.Documents.Text;

/// <summary>
/// Unicode's normal form C: letters and the accents behind them become one character, as keyboards write them and as models learned them.
/// </summary>
/// <remarks>
/// The runtime's own does nothing in the invariant mode that this program is built in. Only what stands around a character that can change
/// is worked on; the rest is copied. Source: Unicode Standard Annex 15; the table is that of Unicode 14.
/// </remarks>
internal static class Nfc
{
    private const int HangulS = 0xAC00, HangulL = 0x1100, HangulV = 0x1161, HangulT = 0x11A7, Ls = 19, Vs = 21, Ts = 28, Ns = Vs * Ts;
    private static readonly Lazy<Tables> s_tables = new(Tables.Load);

    /// <summary>The text composed; the same string where it is so already.</summary>
    public static string Compose(string text) => Compose(text, out _, out _);

    /// <summary>The text composed, in how many places it changed, and the first of them in the old text (−1: nowhere).</summary>
    public static string Compose(string text, out int places, out int first)
    {
        (places, first) = (0, -1);
        // Nothing below U+0300 combines.
        if (text.AsSpan().IndexOfAnyExceptInRange('\0', '\u02FF') < 0) return text;
        Tables tables = s_tables.Value;
        StringBuilder? composed = null;
        int copied = 0;
        for (int at = 0; (at = NextThatChanges(text, at, tables)) < text.Length;)
        {
            // From the character before, which it may combine with, to the next that nothing combines with.
            int start = at > 0 ? at - (char.IsLowSurrogate(text[at - 1]) && at > 1 ? 2 : 1) : 0, end = at;
            while (end < text.Length && tables.MayChange(text, end)) end += char.IsSurrogatePair(text, end) ? 2 : 1;
            start = Math.Max(start, copied);
            string piece = text[start..end], whole = ComposeAll(piece, tables);
            if (!string.Equals(piece, whole, StringComparison.Ordinal))
            {
                composed ??= new StringBuilder(text.Length);
                composed.Append(text, copied, start - copied).Append(whole);
                copied = end;
                if (places++ == 0) first = start;
            }
            at = end;
        }
        return composed is null ? text : composed.Append(text, copied, text.Length - copied).ToString();
    }

    private static int NextThatChanges(string text, int at, Tables tables)
    {
        while (at < text.Length && !tables.MayChange(text, at)) at++;
        return at;
    }

    private static string ComposeAll(string piece, Tables tables)
    {
        List<(int Rune, byte Class)> runes = [];
        for (int i = 0; i < piece.Length; i++)
        {
            // Half a pair stands for itself.
            int rune = char.IsSurrogatePair(piece, i) ? char.ConvertToUtf32(piece, i) : piece[i];
            if (rune > 0xFFFF) i++;
            tables.Decompose(rune, runes);
        }
        Reorder(runes);
        StringBuilder text = new(piece.Length);
        foreach ((int rune, _) in Joined(runes, tables))
        {
            if (rune > 0xFFFF) text.Append(char.ConvertFromUtf32(rune));
            else text.Append((char)rune);
        }
        return text.ToString();
    }

    // Runs of combining characters in the order of their classes; those of one class as they stand.
    private static void Reorder(List<(int Rune, byte Class)> runes)
    {
        for (int start = 0; start < runes.Count; start++)
        {
            if (runes[start].Class == 0) continue;
            int end = start;
            while (end < runes.Count && runes[end].Class != 0) end++;
            if (end - start > 1)
            {
                (int Rune, byte Class)[] run = [.. runes.GetRange(start, end - start)];
                int[] places = new int[run.Length];
                for (int i = 0; i < places.Length; i++) places[i] = i;
                Array.Sort(places, (a, b) => run[a].Class != run[b].Class ? run[a].Class - run[b].Class : a - b);
                for (int i = 0; i < places.Length; i++) runes[start + i] = run[places[i]];
            }
            start = end;
        }
    }

    private static List<(int Rune, byte Class)> Joined(List<(int Rune, byte Class)> runes, Tables tables)
    {
        List<(int Rune, byte Class)> joined = new(runes.Count);
        int starter = -1;
        int before = -1;
        foreach ((int rune, byte combining) in runes)
        {
            bool isFree = before < combining || before == -1;
            if (starter >= 0 && isFree && tables.Pair(joined[starter].Rune, rune) is int pair and > 0)
            {
                joined[starter] = (pair, 0);
                continue;
            }
            joined.Add((rune, combining));
            if (combining == 0) (starter, before) = (joined.Count - 1, -1);
            else before = combining;
        }
        return joined;
    }

    private sealed class Tables
    {
        private readonly Dictionary<int, int[]> _decompositions = [];
        private readonly Dictionary<(int, int), int> _pairs = [];
        private readonly Dictionary<int, byte> _classes = [];
        private readonly BitArray _changes = new(0x30000);

        public static Tables Load()
        {
            Tables tables = new();
            using Stream stream = typeof(Nfc).Assembly.GetManifestResourceStream("nfc.txt")!;
            using StreamReader lines = new(stream);
            while (lines.ReadLine() is { } line)
            {
                if (line[0] is '=' or '-') tables.AddDecomposition(line[1..].Split(' '), keeps: line[0] == '=');
                else if (line[0] == '#' && char.IsAsciiHexDigit(line[1])) tables.AddClass(line[1..].Split(' '));
            }
            for (int v = HangulV; v < HangulV + Vs; v++) tables._changes[v] = true;
            for (int t = HangulT + 1; t < HangulT + Ts; t++) tables._changes[t] = true;
            return tables;
        }

        public bool MayChange(string text, int at)
        {
            char c = text[at];
            if (c < 0x300) return false;
            int rune = char.IsSurrogatePair(text, at) ? char.ConvertToUtf32(text, at) : c;
            return rune < _changes.Length && _changes[rune];
        }

        public void Decompose(int rune, List<(int Rune, byte Class)> runes)
        {
            if (rune is >= HangulS and < HangulS + (Ls * Ns))
            {
                int s = rune - HangulS;
                runes.Add((HangulL + (s / Ns), 0));
                runes.Add((HangulV + (s % Ns / Ts), 0));
                if (s % Ts > 0) runes.Add((HangulT + (s % Ts), 0));
            }
            else if (_decompositions.TryGetValue(rune, out int[]? parts))
            {
                foreach (int part in parts) Decompose(part, runes);
            }
            else runes.Add((rune, _classes.GetValueOrDefault(rune)));
        }

        public int Pair(int first, int second)
        {
            if (first is >= HangulL and < HangulL + Ls && second is >= HangulV and < HangulV + Vs)
                return HangulS + ((((first - HangulL) * Vs) + second - HangulV) * Ts);
            if (first is >= HangulS and < HangulS + (Ls * Ns) && (first - HangulS) % Ts == 0 && second is > HangulT and < HangulT + Ts)
                return first + second - HangulT;
            return _pairs.GetValueOrDefault((first, second));
        }

        private void AddDecomposition(string[] runes, bool keeps)
        {
            int whole = Hex(runes[0]);
            int[] parts = [.. Array.ConvertAll(runes[1..], Hex)];
            _decompositions.Add(whole, parts);
            if (keeps)
            {
                _pairs.Add((parts[0], parts[1]), whole);
                _changes[parts[1]] = true;
            }
            else _changes[whole] = true;
        }

        private void AddClass(string[] range)
        {
            for (int rune = Hex(range[0]); rune <= Hex(range[1]); rune++)
            {
                _classes.Add(rune, byte.Parse(range[2], CultureInfo.InvariantCulture));
                _changes[rune] = true;
            }
        }

        private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
