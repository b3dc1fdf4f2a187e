using System;
using System.Numerics;
using System.Runtime.InteropServices;

namespace AhnSharp.Kernels;

/// <summary>Signed bytes to floats.</summary>
internal static class SignedBytes
{
    /// <summary><paramref name="destination"/>[i] = <paramref name="source"/>[i].</summary>
    public static void ToSingle(ReadOnlySpan<sbyte> source, Span<float> destination)
    {
        ref sbyte from = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(destination);
        int i = 0;
        for (; i <= source.Length - Vector<sbyte>.Count; i += Vector<sbyte>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref from, (nuint)i), out Vector<short> low, out Vector<short> high);
            Vector.Widen(low, out Vector<int> a, out Vector<int> b);
            Vector.Widen(high, out Vector<int> c, out Vector<int> d);
            nuint step = (nuint)Vector<float>.Count, at = (nuint)i;
            Vector.ConvertToSingle(a).StoreUnsafe(ref to, at);
            Vector.ConvertToSingle(b).StoreUnsafe(ref to, at + step);
            Vector.ConvertToSingle(c).StoreUnsafe(ref to, at + 2 * step);
            Vector.ConvertToSingle(d).StoreUnsafe(ref to, at + 3 * step);
        }
        for (; i < source.Length; i++) destination[i] = source[i];
    }
}
