using System.Globalization;

namespace AhnSharp.Hub;

/// <summary>Sizes in sentences: <c>4.68 GB</c>, <c>16.6 MB</c>.</summary>
internal static class ByteSize
{
    public static string Text(long bytes) => bytes switch
    {
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes"),
        < 999_950_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:N1} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:N2} GB"),
    };
}
