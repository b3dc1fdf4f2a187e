using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Gpu.Training;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Checks;

/// <summary>A memory's recurrence in registers of warps beside the one in memory, forward and back.</summary>
internal static class RecurrenceChecks
{
    private const int Heads = 1, HeadDim = 16, Count = 66;

    /// <param name="name">A device with warps of 32 threads.</param>
    /// <param name="create">Makes its accelerator.</param>
    public static IEnumerable<Check> Of(string name, Func<Accelerator> create) =>
        from predicts in (bool[])[true, false]
        select new Check($"train: recurrence, {(predicts ? "delta rule" : "sums")} on {name}", null, () => Run(create, predicts));

    private static void Run(Func<Accelerator> create, bool predicts)
    {
        using Accelerator accelerator = create();
        RecallSize size = new()
        {
            Count = Count,
            Heads = Heads,
            KvHeads = 1,
            HeadDim = HeadDim,
            Predicts = predicts ? 1 : 0,
            Keeps = 1,
            Parts = HeadDim / RecallSize.RowsPerPart,
        };
        float[][] plain = Found(accelerator, size, inWarps: false), warps = Found(accelerator, size, inWarps: true);
        string[] names = ["what is read", "what is written", "states", "gradients of what is written", "gradients of states"];
        for (int i = 0; i < names.Length; i++) Measure.Demand(warps[i], plain[i], 1e-11, names[i]);
    }

    private static float[][] Found(Accelerator accelerator, RecallSize s, bool inWarps)
    {
        using DeviceBuffers buffers = new(accelerator);
        int rows = Count * Heads * HeadDim, keys = Count * HeadDim, states = Heads * s.Stretches * HeadDim * HeadDim;
        RecallRows x = new()
        {
            Keys = buffers.Take(Measure.Random(1, keys, 0.3f)),
            Values = buffers.Take(Measure.Random(2, keys)),
            Queries = buffers.Take(Measure.Random(3, rows, 0.3f)),
            Strengths = buffers.Take([.. Measure.Random(4, Count * Heads, 0.3f).Select(value => 0.5f + value)]),
            LogDecays = buffers.Take([.. Measure.Random(5, Count * Heads, 0.3f).Select(value => -Math.Abs(value))]),
            Read = buffers.Take(new float[rows]),
            Written = buffers.Take(new float[rows]),
            States = buffers.Take(new float[states]),
            Current = buffers.Take(new float[Heads * HeadDim * HeadDim]),
        };
        RecallGradients y = new()
        {
            Read = buffers.Take(Measure.Random(6, rows)),
            Written = buffers.Take(new float[rows]),
            States = buffers.Take(new float[states]),
            Queries = x.Read,
            Keys = x.Read,
            Strengths = x.Strengths,
            LogDecays = x.LogDecays,
        };
        KernelConfig grid = new(new Index2D(inWarps ? 1 : HeadDim, Heads), new Index2D(inWarps ? HeadDim * s.Parts : 1, 1));
        if (inWarps)
        {
            accelerator.LoadStreamKernel<RecallRows, RecallSize>(Recurrence.Forward)(grid, x, s);
            accelerator.LoadStreamKernel<RecallRows, RecallGradients, RecallSize>(Recurrence.Backward)(grid, x, y, s);
        }
        else
        {
            accelerator.LoadStreamKernel<RecallRows, RecallSize>(ColumnRecurrence.Forward)(grid, x, s);
            accelerator.LoadStreamKernel<RecallRows, RecallGradients, RecallSize>(ColumnRecurrence.Backward)(grid, x, y, s);
        }
        accelerator.Synchronize();
        return [.. new[] { x.Read, x.Written, x.States, y.Written, y.States }.Select(view =>
        {
            float[] values = new float[view.Length];
            view.CopyToCPU(values);
            return values;
        })];
    }
}
