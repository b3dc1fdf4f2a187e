using System.Runtime.CompilerServices;

namespace AhnSharp.Kernels.Tiers;

/// <summary>Numbers stored as binary32.</summary>
internal readonly struct F32Element<V, T> : IElement<V>
    where V : struct
    where T : struct, ITier<V>
{
    public static int Bytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(ref readonly byte start, nint byteOffset) => T.Load(in start, byteOffset);
}
