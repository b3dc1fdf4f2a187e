using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Checks;
using Xunit;

namespace AhnSharp.Gpu.Tests;

/// <summary>Checks as a theory: one test each, by its name.</summary>
internal static class NamedChecks
{
    /// <summary>Whether those run too that take minutes: with AHN_LONG_TESTS=1.</summary>
    public static bool RunsLong { get; } = Environment.GetEnvironmentVariable("AHN_LONG_TESTS") == "1";

    public static Dictionary<string, Check> Of(IEnumerable<Check> checks) =>
        checks.ToDictionary(check => check.Name, StringComparer.Ordinal);

    /// <summary>Their names; where there are none, one that a skipped test can bear.</summary>
    public static TheoryData<string> Names(Dictionary<string, Check> checks) => [.. checks.Keys.DefaultIfEmpty("none")];
}
