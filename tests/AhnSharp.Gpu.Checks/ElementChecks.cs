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
        using MemoryBuffer1D<float, Stride1D.Dense> xs = accelerator.Allocate1D(x), ws = accelerator.Allocate1D(w), ys = accelerator.Allocate1D<float>(3 * Hidden);
        kernels.NormRows(xs.View.AsContiguous(), ws.View.AsContiguous(), ys.View.AsContiguous(), 3);
        for (int row = 0; row < 3; row++) RmsNorm.Apply(x.AsSpan(row * Hidden, Hidden), w, 1e-6f, expected.AsSpan(row * Hidden, Hidden));
        Measure.Demand(ys.GetAsArray1D(), expected, 1e-11, "three rows");
    }

    private static void Top(CheckedDevice device, int groupSize)
    {
        using Accelerator accelerator = device.CreateAccelerator();
        using var kernels = new OpenKernels(accelerator, Shape, groupSize);
        float[] logits = Measure.Random(5, 2 * Vocabulary);
        // Equal ones at the top and at the end of what is taken: the lower id comes first.
        (logits[Vocabulary + 150], logits[Vocabulary + 7], logits[Vocabulary + 90]) = (9, 9, 8);
        kernels.Scratch.Logits.SubView(0, logits.Length).CopyFromCPU(logits);
        using MemoryBuffer1D<float, Stride1D.Dense> values = accelerator.Allocate1D<float>(20);
        using MemoryBuffer1D<int, Stride1D.Dense> ids = accelerator.Allocate1D<int>(20);
        kernels.ComputeTop(1, 20, values.View.AsContiguous(), ids.View.AsContiguous());
        int[] expected = [.. Enumerable.Range(0, Vocabulary).OrderByDescending(i => logits[Vocabulary + i]).ThenBy(i => i).Take(20)];
        if (!ids.GetAsArray1D().SequenceEqual(expected)) throw new CheckFailedException($"expected the ids {string.Join(", ", expected)}, found {string.Join(", ", ids.GetAsArray1D())}");
        if (!values.GetAsArray1D().SequenceEqual(expected.Select(i => logits[Vocabulary + i]))) throw new CheckFailedException("expected the logits of the ids, found others");
    }
}
