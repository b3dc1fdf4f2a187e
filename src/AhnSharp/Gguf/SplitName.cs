using System;
using System.Globalization;
using System.IO;

namespace AhnSharp.Gguf;

/// <summary>The name of one part of a split model: <c>PREFIX-00002-of-00005.gguf</c>, numbered from 1.</summary>
internal readonly record struct SplitName(string Prefix, int Number, int Count)
{
    private const int Digits = 5;
    private const string Of = "-of-";
    private const string Extension = ".gguf";

    public static bool TryParse(string path, out SplitName name)
    {
        name = default;
        if (!path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)) return false;
        ReadOnlySpan<char> stem = path.AsSpan(0, path.Length - Extension.Length);
        int tail = 1 + Digits + Of.Length + Digits;
        if (stem.Length < tail || stem[^tail] != '-') return false;
        ReadOnlySpan<char> numbers = stem[^(tail - 1)..];
        if (!numbers[Digits..].StartsWith(Of)) return false;
        if (!int.TryParse(numbers[..Digits], NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return false;
        if (!int.TryParse(numbers[^Digits..], NumberStyles.None, CultureInfo.InvariantCulture, out int count)) return false;
        name = new SplitName(stem[..^tail].ToString(), number, count);
        return true;
    }

    public string PathOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{number:D5}{Of}{Count:D5}{Extension}");

    public static string Pattern(int number, int count) => Path.GetFileName(new SplitName("NAME", number, count).PathOf(number));
}
