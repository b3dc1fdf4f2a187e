using System;
using System.Buffers;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace AhnSharp.Hub;

/// <summary>Which names from a server, or a person, may become paths below a folder.</summary>
/// <remarks>One rule for all platforms, so that a cache can be moved between them: what Windows forbids is refused everywhere.</remarks>
internal static class FilePaths
{
    private const int LongestPart = 255, LongestPath = 1024, CommitDigits = 40;
    private static readonly SearchValues<char> s_forbidden = SearchValues.Create("<>:\"|?*\\\0");
    private static readonly string[] s_devices =
        ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(0, 10).SelectMany(n => new[] { $"COM{n}", $"LPT{n}" })];

    /// <summary>The path below <paramref name="folder"/>, or a sentence that says why there is none.</summary>
    /// <exception cref="HubException">The name would leave the folder, or is no name on some platform.</exception>
    public static string Below(string folder, string path)
    {
        if (Flaw(path) is { } flaw) throw new HubException($"the name {Shown(path)} is refused: {flaw}; nothing of it was written.");
        string root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar,
            full = Path.GetFullPath(Path.Combine(root, path.Replace('/', Path.DirectorySeparatorChar)));
        return full.StartsWith(root, StringComparison.Ordinal) ? full : throw new HubException(
            $"the name {Shown(path)} is refused: it would lie outside {folder}.");
    }

    /// <summary>What is wrong with a name, or null.</summary>
    public static string? Flaw(string path)
    {
        if (path.Length == 0) return "it is empty";
        if (path[0] == '/') return "it is an absolute path";
        if (Encoding.UTF8.GetByteCount(path) > LongestPath) return $"it is longer than {LongestPath} bytes";
        foreach (string part in path.Split('/'))
        {
            if (part.Length == 0) return "it has an empty part";
            if (part is "." or "..") return $"it has a part '{part}'";
            if (Encoding.UTF8.GetByteCount(part) > LongestPart) return $"it has a part of more than {LongestPart} bytes";
            if (part.Any(char.IsSurrogate) && !IsWellFormed(part)) return "it is not well-formed Unicode";
            int wrong = part.AsSpan().IndexOfAny(s_forbidden);
            if (wrong < 0) wrong = IndexOfUnseen(part);
            if (wrong >= 0) return $"it has the character {Shown(part[wrong].ToString())}";
            if (part[^1] is '.' or ' ' || part[0] == ' ') return $"its part '{part}' begins or ends with a space or ends with a full stop";
            if (s_devices.Contains(part.Split('.')[0], StringComparer.OrdinalIgnoreCase))
                return $"'{part}' is the name of a device on Windows";
        }
        return null;
    }

    /// <summary>True for 40 lower-case hex digits.</summary>
    public static bool IsCommit(string text) => text.Length == CommitDigits && BlobHash.IsId(text);

    /// <summary>A name in quotes, fit for a terminal, whatever characters it brings.</summary>
    public static string Shown(string text)
    {
        string clean = string.Concat(text.Take(120).Select(c => IsUnseen(c) || char.IsSurrogate(c) ? $"\\u{(int)c:X4}" : c.ToString()));
        return $"'{clean}{(text.Length > 120 ? "…" : "")}'";
    }

    // Controls, line ends and marks that turn the order of letters: a name that holds one reads as another.
    private static int IndexOfUnseen(string part)
    {
        for (int i = 0; i < part.Length; i++)
        {
            if (IsUnseen(part[i])) return i;
        }
        return -1;
    }

    private static bool IsUnseen(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || c is '\u061C' or '\u200E' or '\u200F'
            or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static bool IsWellFormed(string part)
    {
        for (int i = 0; i < part.Length; i++)
        {
            if (!char.IsSurrogate(part[i])) continue;
            if (!char.IsHighSurrogate(part[i]) || i + 1 == part.Length || !char.IsLowSurrogate(part[i + 1])) return false;
            i++;
        }
        return true;
    }
}
