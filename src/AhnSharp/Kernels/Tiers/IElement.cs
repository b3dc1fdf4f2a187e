namespace AhnSharp.Kernels.Tiers;

/// <summary>How a float kernel loads Lanes numbers of A as f32 lanes.</summary>
internal interface IElement<V> where V : struct
{
    /// <summary>Bytes of one number.</summary>
    static abstract int Bytes { get; }

    /// <summary>Lanes numbers from <paramref name="byteOffset"/> bytes behind <paramref name="start"/>.</summary>
    static abstract V Load(ref readonly byte start, nint byteOffset);
}
