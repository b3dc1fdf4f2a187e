using System.Runtime.CompilerServices;

namespace AhnSharp.Kernels.Tiers;

/// <summary>Numbers stored as signed bytes.</summary>
internal readonly struct S8Element<V, T> : IElement<V>
    where V : struct
    where T : struct, ITier<V>
{
    public static int Bytes => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(ref readonly byte start, nint byteOffset) => T.LoadS8AsF32(in start, byteOffset);
}
