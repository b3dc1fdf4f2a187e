using System;
using System.Globalization;

namespace AhnSharp.Documents.Archives;

/// <summary>What compressed bytes may unpack to: text is four times as long as its archive, seldom thirty times.</summary>
/// <remarks>
/// So memory is a multiple of the file: at most 64 times its bytes, or 16 MB where that is more, and never above the limit for all files.
/// </remarks>
internal sealed class UnpackedLimit(long packed, DocumentLimits limits)
{
    private const int MaxTimes = 64;
    private const long Always = 16L << 20;
    private readonly long _most = Math.Min(limits.UnpackedBytes, Math.Max(Always, MaxTimes * packed));
    private long _taken;

    /// <summary>How it is told.</summary>
    public string Sentence => _most < limits.UnpackedBytes
        ? string.Create(CultureInfo.InvariantCulture, $"at most {_most:N0} bytes ({MaxTimes} times the file's, or {Always:N0})")
        : string.Create(CultureInfo.InvariantCulture, $"at most {_most:N0} bytes");

    /// <summary>Counts bytes that were unpacked; false where they are too many.</summary>
    public bool Take(int count) => (_taken += count) <= _most;
}
