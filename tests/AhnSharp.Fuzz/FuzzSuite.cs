using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AhnSharp.Testing;
using Xunit;

namespace AhnSharp.Fuzz;

/// <summary>A target in the test suite: a fixed number of inputs from a fixed seed.</summary>
internal static class FuzzSuite
{
    private const int Seed = 20251201;

    /// <param name="name">Of the target.</param>
    /// <param name="writeLine">Takes a line of what was found.</param>
    public static void Check(string name, Action<string> writeLine)
    {
        using TemporaryFolder folder = new();
        FuzzTarget target = Fuzzer.Targets.Single(one => one.Name == name);
        List<FuzzFind> finds = [];
        FuzzCount count =
            Fuzzer.Run(target, Seed, 0, target.InputsInSuite, TimeSpan.FromMinutes(2), folder.Path, static _ => { }, finds.Add);
        writeLine(string.Create(CultureInfo.InvariantCulture, $"{count.Inputs} inputs, {count.Refused} refused; at most "
            + $"{target.BytesPerByte} × the input and {count.MostBytes:N0} bytes, {count.MostSeconds:F2} s"));
        Assert.True(finds.Count == 0, string.Join('\n', finds.Take(5).Select(static find => $"input {find.Number}: {find.What}")));
        // Both happen: neither nothing but valid files nor nothing but noise.
        Assert.InRange(count.Inputs, target.InputsInSuite / 4, target.InputsInSuite);
        Assert.InRange(count.Refused, target.Refuses ? 1 : 0, count.Inputs - 1);
    }
}
