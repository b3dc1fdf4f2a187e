using System;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace AhnSharp.Training;

/// <summary>The three rules over a whole text, token by token, and back again.</summary>
/// <remarks>
/// Forward, with the decay e^g and p = 0 for Mamba2 (which predicts nothing):
///   M' = e^g M;  p = M'ᵀk̂;  u = β(v − p);  M ← M' + k̂uᵀ;  o = Mᵀq̂.
/// Backward, from the last token to the first, dM being what the loss gains per unit of the state behind token i:
///   dM += q̂ doᵀ;  dq̂ = M do;  dk̂ = dM u;  du = dMᵀk̂;  dβ = du·(v − p);  dv = β du;  dp = −β du;
///   dM += k̂ dpᵀ;  dk̂ += M' dp;  dg = Σ dM ⊙ M';  dM ← e^g dM.
/// A state is kept every 64 tokens and those between are computed again, so 2,048 tokens of a head of 64 hold 0.5 MB instead of 34.
/// </remarks>
internal static class MemoryRecurrence
{
    /// <summary>Folds all tokens and reads behind each, from an empty state.</summary>
    /// <param name="s">Keys, values, queries, strengths and decays are read, Read is written.</param>
    /// <param name="predicts">Delta rule.</param>
    /// <param name="starts">[⌈count/64⌉, state] becomes the state before each stretch; empty: not kept.</param>
    public static void Forward(HeadSequence s, bool predicts, Span<float> starts)
    {
        s.State.AsSpan().Clear();
        Span<float> written = s.Written.AsSpan(0, s.Width);
        for (int i = 0; i < s.Count; i++)
        {
            if (i % HeadSequence.Stretch == 0 && !starts.IsEmpty)
                s.State.CopyTo(starts.Slice(i / HeadSequence.Stretch * s.StateLength, s.StateLength));
            Fold(s, i, predicts, written);
            ReadState(s.State, s.Queries.Slice(i * s.Width, s.Width)[..s.HeadDim], s.Read.Slice(i * s.Width, s.Width));
        }
    }

    /// <summary>The way back.</summary>
    /// <param name="s">As Forward, and ReadGradient; the other gradients are written.</param>
    /// <param name="predicts">Delta rule.</param>
    /// <param name="starts">As Forward left them.</param>
    public static void Backward(HeadSequence s, bool predicts, ReadOnlySpan<float> starts)
    {
        s.StateGradient.AsSpan().Clear();
        for (int stretch = (s.Count - 1) / HeadSequence.Stretch; stretch >= 0; stretch--)
        {
            int first = stretch * HeadSequence.Stretch, end = Math.Min(first + HeadSequence.Stretch, s.Count);
            starts.Slice(stretch * s.StateLength, s.StateLength).CopyTo(s.State);
            for (int i = first; i < end; i++)
            {
                s.State.CopyTo(s.Within.AsSpan((i - first) * s.StateLength));
                Fold(s, i, predicts, s.Written.AsSpan((i - first) * s.Width, s.Width));
            }
            for (int i = end - 1; i >= first; i--)
            {
                StepBack(
                    s, i, predicts, s.Within.AsSpan((i - first) * s.StateLength, s.StateLength),
                    s.Written.AsSpan((i - first) * s.Width, s.Width));
            }
        }
    }

    // M ← e^g M + k̂uᵀ; written becomes u.
    private static void Fold(HeadSequence s, int i, bool predicts, Span<float> written)
    {
        ReadOnlySpan<float> key = s.Keys.Slice(i * s.Width, s.HeadDim), value = s.Values.Slice(i * s.Width, s.Width);
        float strength = s.Strengths[i], decay = s.Decays[i];
        if (predicts)
        {
            ReadState(s.State, key, written);
            TensorPrimitives.MultiplyAdd(written, -decay, value, written);
            TensorPrimitives.Multiply(written, strength, written);
        }
        else TensorPrimitives.Multiply(value, strength, written);
        Span<Vector<float>> state = MemoryMarshal.Cast<float, Vector<float>>(s.State.AsSpan()),
            u = MemoryMarshal.Cast<float, Vector<float>>(written);
        for (int row = 0, at = 0; row < key.Length; row++)
        {
            float k = key[row];
            for (int c = 0; c < u.Length; c++, at++) state[at] = state[at] * decay + u[c] * k;
        }
    }

    // read = Mᵀx: rows of M by the numbers of x.
    private static void ReadState(ReadOnlySpan<float> m, ReadOnlySpan<float> x, Span<float> read)
    {
        ReadOnlySpan<Vector<float>> state = MemoryMarshal.Cast<float, Vector<float>>(m);
        Span<Vector<float>> sums = MemoryMarshal.Cast<float, Vector<float>>(read);
        int c = 0, width = sums.Length;
        for (; c + 4 <= width; c += 4)
        {
            Vector<float> a = default, b = default, e = default, f = default;
            for (int row = 0, at = c; row < x.Length; row++, at += width)
            {
                Vector<float> k = new(x[row]);
                a = Vector.FusedMultiplyAdd(state[at], k, a);
                b = Vector.FusedMultiplyAdd(state[at + 1], k, b);
                e = Vector.FusedMultiplyAdd(state[at + 2], k, e);
                f = Vector.FusedMultiplyAdd(state[at + 3], k, f);
            }
            (sums[c], sums[c + 1], sums[c + 2], sums[c + 3]) = (a, b, e, f);
        }
        for (; c < width; c++)
        {
            Vector<float> a = default;
            for (int row = 0, at = c; row < x.Length; row++, at += width)
                a = Vector.FusedMultiplyAdd(state[at], new Vector<float>(x[row]), a);
            sums[c] = a;
        }
    }

    private static void StepBack(HeadSequence s, int i, bool predicts, ReadOnlySpan<float> before, ReadOnlySpan<float> written)
    {
        int at = i * s.Width, d = s.HeadDim;
        float strength = s.Strengths[i], decay = s.Decays[i];
        ReadOnlySpan<float> key = s.Keys.Slice(at, d), query = s.Queries.Slice(at, d), read = s.ReadGradient.Slice(at, s.Width);
        Span<float> dKey = s.KeyGradient.Slice(at, d), dQuery = s.QueryGradient.Slice(at, d), dValue = s.ValueGradient.Slice(at, s.Width);

        // dM += q̂ doᵀ; dk̂ = dM u.
        Span<Vector<float>> gradient = MemoryMarshal.Cast<float, Vector<float>>(s.StateGradient.AsSpan());
        ReadOnlySpan<Vector<float>> state = MemoryMarshal.Cast<float, Vector<float>>(before),
            gained = MemoryMarshal.Cast<float, Vector<float>>(read), u = MemoryMarshal.Cast<float, Vector<float>>(written);
        for (int row = 0, m = 0; row < d; row++)
        {
            Vector<float> q = new(query[row]), dot = default;
            for (int c = 0; c < u.Length; c++, m++)
            {
                Vector<float> sum = Vector.FusedMultiplyAdd(gained[c], q, gradient[m]);
                gradient[m] = sum;
                dot = Vector.FusedMultiplyAdd(sum, u[c], dot);
            }
            dKey[row] = Vector.Sum(dot);
        }

        // du = dMᵀk̂; dβ = du·u/β, as u = β(v − p) (β is never 0: a sigmoid or a softplus); dv = β du; dp = −β du.
        ReadState(s.StateGradient, key, dValue);
        s.StrengthGradient[i] = strength > 0 ? TensorPrimitives.Dot<float>(dValue, written) / strength : 0;
        TensorPrimitives.Multiply(dValue, strength, dValue);
        float folded = TensorPrimitives.Dot(read, written), prediction = predicts ? -1 : 0;

        // dq̂ = M do = e^g M₋ do + k̂ (u·do); dM' = dM + k̂ dpᵀ; dk̂ += M' dp; dg = Σ dM' ⊙ M'; dM₋ = e^g dM'.
        ReadOnlySpan<Vector<float>> dv = MemoryMarshal.Cast<float, Vector<float>>(dValue);
        // Summed in double over the rows: of Mamba2, whose norm undoes whatever scales all of M, the terms of dΔ nearly cancel.
        double decayed = 0;
        for (int row = 0, m = 0; row < d; row++)
        {
            Vector<float> k = new(key[row] * prediction), toQuery = default, toKey = default, toDecay = default;
            for (int c = 0; c < dv.Length; c++, m++)
            {
                Vector<float> old = state[m], sum = Vector.FusedMultiplyAdd(dv[c], k, gradient[m]);
                toQuery = Vector.FusedMultiplyAdd(old, gained[c], toQuery);
                toKey = Vector.FusedMultiplyAdd(old, dv[c], toKey);
                toDecay = Vector.FusedMultiplyAdd(old, sum, toDecay);
                gradient[m] = sum * decay;
            }
            decayed += Vector.Sum(toDecay);
            dQuery[row] = decay * Vector.Sum(toQuery) + key[row] * folded;
            dKey[row] += prediction * decay * Vector.Sum(toKey);
        }
        s.LogDecayGradient[i] = (float)(decay * decayed);
    }
}
