using System;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Sessions;

namespace AhnSharp.Gpu.Model;

/// <summary>
/// The last logits of a text, which may lie on the device alone: the likeliest tokens are here, the rest comes when somebody looks.
/// </summary>
internal sealed class GpuLastLogits(GpuModel model) : LastLogits(model.Config.VocabularySize)
{
    private readonly ulong[] _likeliest = new ulong[TopKey.Count];
    private int _likeliestCount, _offered = -1;
    private volatile bool _areOnDevice; // set under the model's lock, looked at outside of it

    /// <summary>Whether they lie on the device alone.</summary>
    public bool AreOnDevice => _areOnDevice;

    /// <inheritdoc/>
    /// <remarks>They are brought from the device when they are first looked at.</remarks>
    public override ReadOnlySpan<float> Values
    {
        get
        {
            if (_areOnDevice) model.BringLogits(this);
            return base.Values;
        }
    }

    public override int TopTokens(Span<int> ids, Span<float> logits)
    {
        int count = Math.Min(ids.Length, _likeliestCount);
        for (int i = 0; i < count; i++) (ids[i], logits[i]) = (TopKey.Id(_likeliest[i]), TopKey.Logit(_likeliest[i]));
        return count;
    }

    /// <summary>A pass left its logits on the device and picked the likeliest.</summary>
    public void Offer(ReadOnlySpan<ulong> keys, int vocabulary)
    {
        keys.CopyTo(_likeliest);
        _offered = TopKey.IsFinite(keys[0]) ? Math.Min(TopKey.Count, vocabulary) : 0;
    }

    /// <summary>The logits have come from the device.</summary>
    public void Brought(ReadOnlySpan<float> logits)
    {
        Set(logits);
        _areOnDevice = false;
    }

    public override void CopyTo(LastLogits other)
    {
        base.CopyTo(other);
        if (other is not GpuLastLogits same) return;
        _likeliest.CopyTo(same._likeliest, 0);
        same._likeliestCount = _likeliestCount;
    }

    public override void Accept()
    {
        base.Accept();
        _areOnDevice = _offered >= 0;
        _likeliestCount = Math.Max(0, _offered);
        _offered = -1;
    }

    public override void Refuse()
    {
        base.Refuse();
        (_offered, _likeliestCount) = (-1, 0);
    }

    public override void Clear()
    {
        base.Clear();
        (_areOnDevice, _likeliestCount) = (false, 0);
    }
}
