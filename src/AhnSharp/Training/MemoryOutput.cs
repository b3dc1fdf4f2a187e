using System;
using System.Numerics.Tensors;
using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Training;

/// <summary>From what the heads read to what attention's output gains, and back: norm, gate and projection.</summary>
/// <remarks>
/// DN, GDN: y = RMSNorm_D(o; w)·SiLU(γ), each head on its own; Mamba2: y = RMSNorm_{H·D}(o·SiLU(γ); w). gained = y·P, P [H, D in, D out].
/// The gradient of w is summed in blocks of 64 rows, then over the blocks, whoever computed them.
/// </remarks>
internal sealed class MemoryOutput(MemoryRule rule, AttentionShape shape, float epsilon, Workers workers, Gemm gemm)
{
    private readonly float[][] _scratch = NewScratch(workers.Count, 3 * shape.QueryColumns);
    private float[] _y = [], _yTransposed = [], _outTransposed = [], _dNorms = [];

    /// <summary>a += what the memory recalls.</summary>
    /// <param name="parameters">The layer's.</param>
    /// <param name="gates">γ.</param>
    /// <param name="read">o [count, H·D].</param>
    /// <param name="count">Rows.</param>
    /// <param name="a">[count, H·D].</param>
    public void Forward(LayerParameters parameters, MemoryGates gates, float[] read, int count, float[] a)
    {
        NormAndGate(parameters, gates, read, count);
        int d = shape.HeadDim, columns = shape.QueryColumns;
        Memory<float> outputs = parameters.Out;
        workers.ForRows(count, (row, end, _) =>
        {
            for (int head = 0; head < shape.Heads; head++)
            {
                int at = row * columns + head * d;
                gemm.Multiply(
                    in _y[at], columns, in outputs.Span[head * d * d], d, ref a[at], columns, end - row, d, d, true);
            }
        });
    }

    /// <summary>The way back: gradients of P, w and γ, and of what was read.</summary>
    /// <param name="parameters">The layer's.</param>
    /// <param name="gradient">Added to.</param>
    /// <param name="gates">γ; its gradient is written.</param>
    /// <param name="read">o [count, H·D].</param>
    /// <param name="count">Rows.</param>
    /// <param name="da">[count, H·D].</param>
    /// <param name="dRead">do [count, H·D], written.</param>
    public void Backward(
        LayerParameters parameters, LayerParameters gradient, MemoryGates gates, float[] read, int count, float[] da, float[] dRead)
    {
        NormAndGate(parameters, gates, read, count);
        int d = shape.HeadDim, columns = shape.QueryColumns;
        float[] yTransposed = TeamWork.Reserve(ref _yTransposed, count * columns),
            outTransposed = TeamWork.Reserve(ref _outTransposed, columns * d);
        workers.Transpose(_y, count, columns, yTransposed);
        Memory<float> outputs = parameters.Out, dOutputs = gradient.Out;
        workers.For(shape.Heads, (head, _) =>
        {
            gemm.Multiply(
                in yTransposed[head * d * count], count, in da[head * d], columns, ref dOutputs.Span[head * d * d], d, d, count, d, true);
            ReadOnlySpan<float> p = outputs.Span.Slice(head * d * d, d * d);
            for (int i = 0; i < d; i++)
            {
                for (int o = 0; o < d; o++) outTransposed[head * d * d + o * d + i] = p[i * d + o];
            }
        });

        int norms = parameters.Norm.Length, blocks = (count + TeamWork.RowsPerItem - 1) / TeamWork.RowsPerItem;
        float[] dNorms = TeamWork.Reserve(ref _dNorms, blocks * norms);
        dNorms.AsSpan(0, blocks * norms).Clear();
        workers.ForRows(count, (row, end, worker) =>
        {
            // dy takes y's place: nobody needs y any more.
            for (int head = 0; head < shape.Heads; head++)
            {
                int at = row * columns + head * d;
                gemm.Multiply(
                    in da[at], columns, in outTransposed[head * d * d], d, ref _y[at], columns, end - row, d, d, false);
            }
            Span<float> dNorm = dNorms.AsSpan(row / TeamWork.RowsPerItem * norms, norms);
            for (int i = row; i < end; i++)
            {
                Span<float> dy = _y.AsSpan(i * columns, columns), o = read.AsSpan(i * columns, columns),
                    dO = dRead.AsSpan(i * columns, columns);
                if (rule.NormsAllHeads) BackAllHeads(parameters, gates, i, o, dy, dO, dNorm, _scratch[worker]);
                else BackEachHead(parameters, gates, i, o, dy, dO, dNorm, _scratch[worker]);
            }
        });
        Span<float> to = gradient.Norm.Span;
        for (int block = 0; block < blocks; block++) TensorPrimitives.Add(to, dNorms.AsSpan(block * norms, norms), to);
    }

    private void NormAndGate(LayerParameters parameters, MemoryGates gates, float[] read, int count)
    {
        int d = shape.HeadDim, columns = shape.QueryColumns;
        float[] all = TeamWork.Reserve(ref _y, count * columns);
        Memory<float> norm = parameters.Norm;
        workers.ForRows(count, (row, end, _) =>
        {
            for (int i = row; i < end; i++)
            {
                Span<float> y = all.AsSpan(i * columns, columns);
                read.AsSpan(i * columns, columns).CopyTo(y);
                for (int head = 0; head < shape.Heads; head++)
                {
                    Span<float> one = y.Slice(head * d, d);
                    if (!rule.NormsAllHeads) RmsNorm.Apply(one, norm.Span, epsilon, one);
                    RowGradients.SiluSlope(gates.Gammas(head)[i], out float gate);
                    TensorPrimitives.Multiply(one, gate, one);
                }
                if (rule.NormsAllHeads) RmsNorm.Apply(y, norm.Span, epsilon, y);
            }
        });
    }

    // y = n·g, n = s·o ⊙ w: dg = dy·n, dn = g·dy.
    private void BackEachHead(
        LayerParameters parameters, MemoryGates gates, int i, ReadOnlySpan<float> o, Span<float> dy, Span<float> dO, Span<float> dNorm,
        Span<float> scratch)
    {
        int d = shape.HeadDim;
        ReadOnlySpan<float> weight = parameters.Norm.Span;
        Span<float> normed = scratch[..d], rest = scratch.Slice(d, d);
        for (int head = 0; head < shape.Heads; head++)
        {
            ReadOnlySpan<float> one = o.Slice(head * d, d);
            Span<float> dOne = dy.Slice(head * d, d), to = dO.Slice(head * d, d);
            float slope = RowGradients.SiluSlope(gates.Gammas(head)[i], out float gate);
            RmsNorm.Apply(one, weight, epsilon, normed);
            gates.GammaGradient(head)[i] = slope * TensorPrimitives.Dot<float>(dOne, normed);
            TensorPrimitives.Multiply(dOne, gate, dOne);
            to.Clear();
            float scale = RowGradients.AddRmsNorm(one, weight, epsilon, dOne, to, rest);
            TensorPrimitives.Multiply(dOne, one, dOne);
            TensorPrimitives.MultiplyAdd(dOne, scale, dNorm, dNorm);
        }
    }

    // y = s·z ⊙ w over all heads, z = o·g: dg = dz·o, do = g·dz.
    private void BackAllHeads(
        LayerParameters parameters, MemoryGates gates, int i, ReadOnlySpan<float> o, Span<float> dy, Span<float> dO, Span<float> dNorm,
        Span<float> scratch)
    {
        int d = shape.HeadDim;
        Span<float> z = scratch[..o.Length], rest = scratch.Slice(o.Length, o.Length);
        for (int head = 0; head < shape.Heads; head++)
        {
            RowGradients.SiluSlope(gates.Gammas(head)[i], out float gate);
            TensorPrimitives.Multiply(o.Slice(head * d, d), gate, z.Slice(head * d, d));
        }
        dO.Clear();
        float scale = RowGradients.AddRmsNorm(z, parameters.Norm.Span, epsilon, dy, dO, rest);
        TensorPrimitives.Multiply(dy, z, dy);
        TensorPrimitives.MultiplyAdd(dy, scale, dNorm, dNorm);
        for (int head = 0; head < shape.Heads; head++)
        {
            Span<float> to = dO.Slice(head * d, d);
            float slope = RowGradients.SiluSlope(gates.Gammas(head)[i], out float gate);
            gates.GammaGradient(head)[i] = slope * TensorPrimitives.Dot<float>(to, o.Slice(head * d, d));
            TensorPrimitives.Multiply(to, gate, to);
        }
    }

    private static float[][] NewScratch(int workers, int length)
    {
        float[][] scratch = new float[workers][];
        for (int i = 0; i < workers; i++) scratch[i] = new float[length];
        return scratch;
    }
}
