using System;
using System.Numerics.Tensors;

namespace AhnSharp.Sessions;

/// <summary>The logits behind the last token of a text, [vocabulary], wherever they lie.</summary>
/// <remarks>A pass writes <see cref="Next"/>; only when it has succeeded do they take the place of the old ones.</remarks>
internal class LastLogits(int vocabularySize)
{
    /// <summary>So many of the likeliest tokens a device picks.</summary>
    public const int MaxTopTokens = 64;

    private float[] _values = new float[vocabularySize];
    private float[]? _next;
    private bool _hasNext;

    /// <summary>The logits; overwritten by the pass after the next one.</summary>
    public virtual ReadOnlySpan<float> Values => _values;

    /// <summary>Where a pass writes the logits behind its last token.</summary>
    public Span<float> Next
    {
        get
        {
            _hasNext = true;
            return _next ??= new float[_values.Length];
        }
    }

    /// <summary>Bytes held.</summary>
    public long ByteLength => sizeof(float) * ((long)_values.Length + (_next?.Length ?? 0));

    /// <summary>
    /// The likeliest tokens, where the device that computed them has picked them: largest logits first, of equal ones the lowest id first.
    /// </summary>
    /// <param name="ids">Takes as many as it has room for, if there are so many.</param>
    /// <param name="logits">Takes their logits; as long as <paramref name="ids"/>.</param>
    /// <returns>How many; 0 where nothing was picked, or a logit is not finite: look at <see cref="Values"/>.</returns>
    public virtual int TopTokens(Span<int> ids, Span<float> logits) => 0;

    /// <summary>The token of the largest logit, of equal ones the lowest id.</summary>
    public int ArgMax()
    {
        Span<int> id = stackalloc int[1];
        Span<float> logit = stackalloc float[1];
        return TopTokens(id, logit) == 1 ? id[0] : TensorPrimitives.IndexOfMax(Values);
    }

    /// <summary>Gives another text the same logits.</summary>
    public virtual void CopyTo(LastLogits other) => Values.CopyTo(other._values);

    /// <summary>Takes logits that were computed elsewhere.</summary>
    public void Set(ReadOnlySpan<float> logits) => logits.CopyTo(_values);

    /// <summary>The pass has succeeded: what it wrote are the logits now.</summary>
    public virtual void Accept()
    {
        if (_hasNext) (_values, _next) = (_next!, _values);
        _hasNext = false;
    }

    /// <summary>The pass has failed: what it wrote is forgotten.</summary>
    public virtual void Refuse() => _hasNext = false;

    /// <summary>Forgets the text.</summary>
    public virtual void Clear() => Array.Clear(_values);
}
