using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Checks;

/// <summary>RMSNorm, SwiGLU and the choice of the largest logits against the engine's.</summary>
public static class ElementChecks
{
    private const int Hidden = 72, Ffn = 40, Vocabulary = 200;

    public static IEnumerable<Check> Of(CheckedDevice device, int groupSize)
    {
        yield return new Check($"RMSNorm on {device.Name}", null, () => Norm(device, groupSize));
        yield return new Check($"largest logits on {device.Name}", null, () => Top(device, groupSize));
    }

    private static GpuShape Shape => new(Hidden, 2, 1, 32, Ffn, Vocabulary, 1e-6f, null, 0, 8);

    private static void Norm(CheckedDevice device, int groupSize)
    {
        using Accelerator accelerator = device.CreateAccelerator();
        using var kernels = new OpenKernels(accelerator, Shape, groupSize);
        float[] x = Measure.Random(1, 3 * Hidden), w = Measure.Random(2, Hidden), expected = new float[3 * Hidden];
        using MemoryBuffer1D<float, Stride1D.Dense> xs = accelerator.Allocate1D(x), ws = accelerator.Allocate1D(w),
            ys = accelerator.Allocate1D<float>(3 * Hidden);
        kernels.NormRows(xs.View.AsContiguous(), ws.View.AsContiguous(), ys.View.AsContiguous(), 3);
        for (int row = 0; row < 3; row++) RmsNorm.Apply(x.AsSpan(row * Hidden, Hidden), w, 1e-6f, expected.AsSpan(row * Hidden, Hidden));
        Measure.Demand(ys.GetAsArray1D(), expected, 1e-11, "three rows");
    }

    private static void Top(CheckedDevice device, int groupSize)
    {
        using Accelerator accelerator = device.CreateAccelerator();
        // More than one part, and more of them than are kept of all parts together; fewer than are kept.
        foreach (int vocabulary in new[] { 3000, 200, 40 })
        {
            using var kernels = new OpenKernels(accelerator, Shape with { Vocabulary = vocabulary }, groupSize);
            float[] logits = Measure.Random(5, 2 * vocabulary);
            // Equal ones at the top: the lower id comes first.
            (logits[vocabulary + 30], logits[vocabulary + 7], logits[vocabulary + 9], logits[^1]) = (9, 9, 8, 9);
            kernels.Scratch.Logits.SubView(0, logits.Length).CopyFromCPU(logits);
            ulong[] keys = Keys(kernels, 2);
            for (int row = 0; row < 2; row++)
            {
                int[] expected = [.. Enumerable.Range(0, vocabulary)
                    .OrderByDescending(i => logits[row * vocabulary + i]).ThenBy(i => i).Take(TopKey.Count)];
                ulong[] found = keys[(row * TopKey.Count)..][..expected.Length];
                int[] ids = Array.ConvertAll(found, TopKey.Id);
                if (!ids.SequenceEqual(expected))
                    throw new CheckFailedException($"expected the ids {string.Join(", ", expected)}, found {string.Join(", ", ids)}");
                if (!found.Select(TopKey.Logit).SequenceEqual(expected.Select(i => logits[row * vocabulary + i])))
                    throw new CheckFailedException("expected the logits of the ids, found others");
                if (keys[(row * TopKey.Count)..][expected.Length..TopKey.Count].Any(key => key != TopKey.None))
                    throw new CheckFailedException("expected nothing behind the last token");
            }
            logits[vocabulary / 2] = float.NaN;
            kernels.Scratch.Logits.SubView(0, logits.Length).CopyFromCPU(logits);
            keys = Keys(kernels, 2);
            if (TopKey.IsFinite(keys[0]) || !TopKey.IsFinite(keys[TopKey.Count]))
                throw new CheckFailedException("expected what is no number to stand first in its row, and in no other");
        }
    }

    private static ulong[] Keys(OpenKernels kernels, int rows)
    {
        ulong[] keys = new ulong[rows * TopKey.Count];
        ArrayView<ulong> found = kernels.ComputeTop(rows);
        kernels.Accelerator.Synchronize();
        found.CopyToCPU(keys);
        return keys;
    }
}
