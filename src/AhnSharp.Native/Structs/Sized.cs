using System;

namespace AhnSharp.Native.Structs;

/// <summary>Structs that begin with their size, from and for headers older or newer than this library.</summary>
internal static unsafe class Sized
{
    // A size above is no struct but a forgotten ..._defaults().
    private const nuint MaxBytes = 4096;

    /// <summary>The options at <paramref name="source"/>; all zero for NULL. What the caller's header did not have is zero.</summary>
    internal static T Read<T>(T* source, string name) where T : unmanaged
    {
        T value = default;
        if (source is null) return value;
        nuint size = SizeOf(source, name);
        nuint common = nuint.Min(size, (nuint)sizeof(T));
        Buffer.MemoryCopy(source, &value, (nuint)sizeof(T), common);
        for (nuint i = common; i < size; i++)
        {
            if (((byte*)source)[i] != 0)
            {
                throw new ArgumentException($"{name}: expected options that this library knows ({sizeof(T)} bytes), "
                    + $"found one at byte {i} of a newer header's {size}; use a library as new.");
            }
        }
        return value;
    }

    /// <summary>Writes as much as the caller's header has; what only a newer header has becomes zero.</summary>
    internal static void Write<T>(T* target, T value, string name) where T : unmanaged
    {
        if (target is null) throw new ArgumentException($"{name}: expected a struct to write to, found NULL.");
        nuint size = SizeOf(target, name);
        nuint common = nuint.Min(size, (nuint)sizeof(T));
        *(nuint*)&value = size;
        Buffer.MemoryCopy(&value, target, size, common);
        new Span<byte>((byte*)target + common, (int)(size - common)).Clear();
    }

    private static nuint SizeOf<T>(T* from, string name) where T : unmanaged
    {
        nuint size = *(nuint*)from;
        return size >= (nuint)sizeof(nuint) && size <= MaxBytes
            ? size
            : throw new ArgumentException($"{name}.size: expected the size of the struct ({sizeof(T)} bytes in this library), "
                + $"found {size}; begin with the function of ahnsharp.h that sets it.");
    }
}
