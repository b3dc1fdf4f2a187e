using System;

namespace AhnSharp.Generation;

/// <summary>The tokens that may still be drawn, with their logits; the filters of <see cref="SamplingOptions"/> shrink it.</summary>
/// <remarks>
/// A candidate is one number: upper 32 bits the logit, mapped so that a larger logit is a smaller number, lower 32 bits the id.
/// Ascending order is then "likeliest first, of equals the lowest id", no two are equal, and so every step has one right result.
/// Nothing is allocated after construction.
/// </remarks>
internal sealed class Candidates(int vocabularySize)
{
    // The upper 12 bits of a candidate: sign, exponent and three bits of fraction of the logit.
    private const int Buckets = 1 << 12, BucketShift = 64 - 12;
    private readonly ulong[] _tokens = new ulong[vocabularySize];
    private readonly double[] _weights = new double[vocabularySize];
    private readonly int[] _histogram = new int[Buckets];

    public int Count { get; private set; }

    /// <summary>Starts over with all tokens but those at −∞.</summary>
    public void Fill(ReadOnlySpan<float> logits)
    {
        int count = 0;
        for (int id = 0; id < logits.Length; id++)
        {
            if (logits[id] != float.NegativeInfinity) _tokens[count++] = Token(logits[id], id);
        }
        Count = count;
    }

    /// <summary>Starts over with these tokens.</summary>
    public void Fill(ReadOnlySpan<int> ids, ReadOnlySpan<float> logits)
    {
        for (int i = 0; i < ids.Length; i++) _tokens[i] = Token(logits[i], ids[i]);
        Count = ids.Length;
    }

    /// <summary>Keeps the <paramref name="k"/> likeliest, sorted.</summary>
    public void KeepTopK(int k)
    {
        k = Math.Min(k, Count);
        SortTop(k);
        Count = k;
    }

    /// <summary>Keeps the fewest likeliest whose probabilities (at temperature 1) reach <paramref name="p"/>, at least one.</summary>
    public void KeepTopP(double p)
    {
        double wanted = p * Weigh(temperature: 1);
        // A few dozen usually reach p: sort more only where they do not.
        for (int sorted = Math.Min(64, Count); ; sorted = (int)Math.Min(8L * sorted, Count))
        {
            SortTop(sorted);
            float max = Logit(_tokens[0]);
            double reached = 0;
            for (int i = 0; i < sorted; i++)
            {
                reached += StableExp.Of((double)Logit(_tokens[i]) - max);
                if (reached < wanted) continue;
                Count = i + 1;
                return;
            }
            if (sorted == Count) return;
        }
    }

    /// <summary>Keeps those at least <paramref name="share"/> times as likely as the likeliest.</summary>
    public void KeepMinP(double share)
    {
        float max = Max();
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (StableExp.Of((double)Logit(_tokens[i]) - max) >= share) _tokens[kept++] = _tokens[i];
        }
        Count = kept;
    }

    /// <summary>The id at <paramref name="uniform"/> in [0, 1) of the weights e^(logit/temperature), laid end to end.</summary>
    public int Draw(double temperature, double uniform)
    {
        double left = uniform * Weigh(temperature);
        int last = 0;
        for (int i = 0; i < Count; i++)
        {
            if (_weights[i] == 0) continue;
            last = i;
            left -= _weights[i];
            if (left < 0) break;
        }
        return (int)(uint)_tokens[last];
    }

    private static ulong Token(float logit, int id)
    {
        uint bits = BitConverter.SingleToUInt32Bits(logit);
        uint descending = (int)bits < 0 ? bits : ~bits & 0x7FFFFFFF;
        return (ulong)descending << 32 | (uint)id;
    }

    private static float Logit(ulong token)
    {
        uint descending = (uint)(token >> 32);
        return BitConverter.UInt32BitsToSingle((int)descending < 0 ? descending : ~descending & 0x7FFFFFFF);
    }

    private float Max()
    {
        ulong first = _tokens[0];
        for (int i = 1; i < Count; i++) first = Math.Min(first, _tokens[i]);
        return Logit(first);
    }

    private double Weigh(double temperature)
    {
        float max = Max();
        double sum = 0;
        for (int i = 0; i < Count; i++) sum += _weights[i] = StableExp.Of(((double)Logit(_tokens[i]) - max) / temperature);
        return sum;
    }

    // Puts the n first in order in front: those of whole buckets that hold them, then a sort of these few.
    private void SortTop(int n)
    {
        if (n == 0) return;
        Span<ulong> tokens = _tokens.AsSpan(0, Count);
        if (n == Count)
        {
            tokens.Sort();
            return;
        }
        Array.Clear(_histogram);
        foreach (ulong token in tokens) _histogram[token >> BucketShift]++;
        int bucket = 0;
        for (int seen = _histogram[0]; seen < n; seen += _histogram[bucket]) bucket++;
        int front = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            if ((int)(tokens[i] >> BucketShift) > bucket) continue;
            (tokens[front], tokens[i]) = (tokens[i], tokens[front]);
            front++;
        }
        tokens[..front].Sort();
    }
}
