using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Gpu.Model;
using AhnSharp.Sessions;

namespace AhnSharp.Gpu.Checks;

/// <summary>The whole network against logits that a double-precision statement of the mathematics gave: relative L2 error ≤ 1e-4.</summary>
public static class GpuGoldenChecks
{
    private static readonly int[] s_pieces = [140, 1, 1, 1, 7, 100, 3];

    public static IEnumerable<Check> Of(CheckedDevice device) =>
        GoldenCase.All.Select(golden => new Check($"golden {golden.Name} on {device.Name}", null, () => Compare(device, golden)));

    private static void Compare(CheckedDevice device, GoldenCase golden)
    {
        using GpuModel model = device.Load(golden.BasePath, golden.AdapterPath, chunkTokens: 128);
        using LanguageSession session = model.CreateSession(golden.Session);
        double error = golden.Error(s_pieces, (ids, everyRow) => model.Forward(session, ids.Span, everyRow));
        if (!(error <= 1e-4)) throw new CheckFailedException($"expected a relative error of the logits of at most 1e-4, found {error:e2}");
        Console.WriteLine($"golden {golden.Name} on {device.Name}: relative error {error:e2}");
    }
}
