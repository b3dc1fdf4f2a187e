using System.Runtime.CompilerServices;

namespace AhnSharp.Kernels.Tiers;

/// <summary>Numbers stored as binary16.</summary>
internal readonly struct F16Element<V, T> : IElement<V>
    where V : struct
    where T : struct, ITier<V>
{
    public static int Bytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(ref readonly byte start, nint byteOffset) => T.LoadF16(in start, byteOffset);
}
