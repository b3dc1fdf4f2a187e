using System;
using AhnSharp.Native.Boundary;

namespace AhnSharp.Native.Exports;

/// <summary>Places of the caller that a call writes to.</summary>
internal static unsafe class Outputs
{
    /// <summary>Says so where there is none, before anything is done.</summary>
    internal static void Check(void* place, string name)
    {
        if (place is null) throw new ArgumentException($"{name}: expected a place to write to, found NULL.");
    }

    /// <summary>Writes the count that is needed, and the items where there is room for them.</summary>
    internal static void Fill<T>(ReadOnlySpan<T> items, T* place, nuint capacity, nuint* count, string name) where T : unmanaged
    {
        Check(count, name == "ids" ? "count" : "length");
        *count = (nuint)items.Length;
        if (capacity < (nuint)items.Length)
            throw new BoundaryException(Status.BufferTooSmall, $"{name}: expected room for {items.Length}, found {capacity}.");
        if (items.IsEmpty) return;
        Check(place, name);
        items.CopyTo(new Span<T>(place, items.Length));
    }
}
