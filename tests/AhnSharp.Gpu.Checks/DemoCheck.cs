using System;
using System.IO;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Cpu;
using AhnSharp.Gpu.Model;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Gpu.Checks;

/// <summary>The demo model, Q8_0, on real text until tokens leave its window, against the processor.</summary>
public static class DemoCheck
{
    /// <summary>Both round: the processor its activations to 8 bits, the device what its kernels round.</summary>
    private const double MaxError = 5e-4;

    public static Check Of(CheckedDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new Check($"demo on {device.Name}", null, () => Run(device));
    }

    private static void Run(CheckedDevice device)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "gguf"), path = Path.Combine(folder, "ahn-demo-q8_0.gguf");
        using CpuModel here = CpuModel.Load(path);
        using GpuModel there = device.Load(path);
        int[] ids =
            [.. QwenTokenizer.FromGguf(here.Metadata).Encode(File.ReadAllText(Path.Combine(folder, "dracula.txt"))[..4000]).Take(560)];
        using LanguageSession expected = here.CreateSession();
        using LanguageSession found = there.CreateSession();
        here.Forward(expected, ids.AsSpan(0, 556));
        there.Forward(found, ids.AsSpan(0, 556));
        for (int i = 556; i < ids.Length; i++)
        {
            here.Forward(expected, ids.AsSpan(i, 1));
            there.Forward(found, ids.AsSpan(i, 1));
        }
        if (found.Tally.Compressed == 0) throw new CheckFailedException("expected tokens in the memory, found none");
        Measure.Demand(found.LastLogits, expected.LastLogits, MaxError, $"logits behind {ids.Length} tokens of Dracula");
    }
}
