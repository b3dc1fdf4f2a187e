using System;

namespace AhnSharp.Testing;

/// <summary>
/// Tests with a long form run it where AHN_LONG_TESTS=1: <c>AHN_LONG_TESTS=1 dotnet test -c Release --filter Snapshots</c>.
/// </summary>
internal static class LongForm
{
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("AHN_LONG_TESTS") == "1";

    /// <summary>The number of the long form where it runs, else of the short one.</summary>
    public static int Or(int inShort, int inLong) => IsOn ? inLong : inShort;
}
