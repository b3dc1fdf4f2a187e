using System;
using System.Collections.Generic;
using System.Numerics.Tensors;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Sessions;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Model;

/// <summary>
/// Logits of the asked rows of a pass. Where each is the last of a session, they stay on the device, and the
/// likeliest tokens alone cross the bus.
/// </summary>
/// <remarks>They stay until somebody looks at them or a later pass needs their place. Under the model's lock.</remarks>
internal sealed class GpuLogits(GpuKernels kernels, PageLockedArray1D<float> results, int layers) : IDisposable
{
    private readonly PageLockedArray1D<ulong> _top = kernels.Accelerator.AllocatePageLocked1D<ulong>(
        (long)kernels.Scratch.LogitRows * TopKey.Count);
    private readonly List<GpuLastLogits> _left = []; // those that were left on the device, by row

    private int Vocabulary => kernels.Shape.Vocabulary;

    private AcceleratorStream Stream => kernels.Accelerator.DefaultStream;

    /// <summary>Before a pass: brings what it is about to overwrite, but for sessions that it gives new logits.</summary>
    /// <returns>Whether logits were given up that a failing pass could not bring back.</returns>
    public bool Keep(Pass pass)
    {
        bool givesUp = false;
        foreach (GpuLastLogits logits in _left)
        {
            if (!logits.AreOnDevice) continue;
            bool isRenewed = false;
            foreach (ref readonly Pass.Part part in pass.Parts)
                isRenewed |= part.Session.Logits == logits && part is { Asked: > 0, EveryRow: null };
            if (isRenewed) givesUp = true;
            else Bring(logits);
        }
        _left.Clear();
        return givesUp;
    }

    /// <summary>Brings the logits of a session, where they are on the device alone.</summary>
    public void Bring(GpuLastLogits logits)
    {
        int row = logits.AreOnDevice ? _left.IndexOf(logits) : -1;
        if (row < 0) return;
        kernels.Accelerator.Bind();
        kernels.Scratch.Logits.SubView((long)row * Vocabulary, Vocabulary).CopyToCPUUnsafeAsync(Stream, ref results.Span[0], Vocabulary);
        Stream.Synchronize();
        logits.Brought(results.Span[..Vocabulary]);
    }

    /// <summary>
    /// Ends a pass, whose one synchronisation is here: for logits that are asked of every row, one for each piece that the scratch holds.
    /// </summary>
    public void Read(GpuHead head, Pass pass, int asked)
    {
        if (asked == 0)
        {
            Stream.Synchronize();
            return;
        }
        if (TakesTop(pass))
        {
            EnqueueTop(head, pass.Rows, asked);
            ReadTop(pass);
        }
        else ReadRows(head, pass, asked);
    }

    /// <summary>Whether logits are asked of rows that each are the last of a session, as many as the scratch holds.</summary>
    public bool TakesTop(Pass pass)
    {
        int asked = 0;
        foreach (ref readonly Pass.Part part in pass.Parts)
        {
            if (part.EveryRow is not null) return false;
            asked += part.Asked;
        }
        return asked > 0 && asked <= kernels.Scratch.LogitRows;
    }

    /// <summary>Enqueues the choice of the likeliest tokens behind the layers.</summary>
    public void EnqueueTop(GpuHead head, int rows, int asked)
    {
        kernels.ComputeLogits(head, rows, 0, asked);
        kernels.ComputeTop(asked).CopyToCPUUnsafeAsync(Stream, ref _top.Span[0], (long)asked * TopKey.Count);
    }

    /// <summary>Waits for the pass and hands the likeliest tokens to its sessions.</summary>
    public void ReadTop(Pass pass)
    {
        Stream.Synchronize();
        for (int p = 0; p < pass.Parts.Length; p++)
        {
            ref readonly Pass.Part part = ref pass.Parts[p];
            if (part.Asked == 0) continue;
            ReadOnlySpan<ulong> keys = _top.Span.Slice(_left.Count * TopKey.Count, TopKey.Count);
            if (!TopKey.IsFinite(keys[0])) pass.Fail(p, BrokenNumbers.Explain(part, layers));
            var logits = (GpuLastLogits)part.Session.Logits;
            logits.Offer(keys, Vocabulary);
            _left.Add(logits);
        }
    }

    private void ReadRows(GpuHead head, Pass pass, int asked)
    {
        for (int first = 0; first < asked; first += kernels.Scratch.LogitRows)
        {
            int count = Math.Min(kernels.Scratch.LogitRows, asked - first);
            kernels.ComputeLogits(head, pass.Rows, first, count);
            kernels.Scratch.Logits.SubView(0, (long)count * Vocabulary).CopyToCPUUnsafeAsync(
                Stream, ref results.Span[0], (long)count * Vocabulary);
            Stream.Synchronize();
            int row = 0;
            for (int p = 0; p < pass.Parts.Length; p++)
            {
                ref readonly Pass.Part part = ref pass.Parts[p];
                for (int i = 0; i < part.Asked; i++, row++)
                {
                    if (row < first || row >= first + count) continue;
                    ReadOnlySpan<float> logits = results.Span.Slice((row - first) * Vocabulary, Vocabulary);
                    if (i == part.Asked - 1)
                    {
                        if (!TensorPrimitives.IsFiniteAll<float>(logits)) pass.Fail(p, BrokenNumbers.Explain(part, layers));
                        logits.CopyTo(part.Session.Logits.Next);
                    }
                    if (part.EveryRow is { } reader && pass.FailureOf(p) is null)
                        pass.TryRead(p, reader, part.FirstIndex + part.Count - part.Asked + i, logits);
                }
            }
        }
    }

    public void Dispose() => _top.Dispose();
}
