using System;
using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace AhnSharp.Native.Boundary;

/// <summary>Texts from C, and for C.</summary>
internal static unsafe class Utf8Text
{
    /// <summary>ahnsharp.h's AHN_TO_NUL.</summary>
    internal static nuint ToNul => nuint.MaxValue;

    /// <summary>A text of <paramref name="length"/> bytes or up to its NUL.</summary>
    /// <exception cref="ArgumentException">There is none, it is too long for one call, or it is not UTF-8.</exception>
    internal static string Read(byte* text, nuint length, string name)
    {
        if (text is null) throw new ArgumentException($"{name}: expected a text, found NULL.");
        ReadOnlySpan<byte> bytes = length == ToNul
            ? MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text)
            : new ReadOnlySpan<byte>(text, length <= int.MaxValue / 2 ? (int)length : throw new ArgumentException(
                $"{name}: expected at most {int.MaxValue / 2:N0} bytes in one call, found {length:N0}; give it in parts."));
        int characters = Utf8Units(bytes, name);
        return string.Create(characters, bytes, static (units, from) => Utf8.ToUtf16(from, units, out _, out _));
    }

    /// <summary>A text that ends with NUL, or null for NULL.</summary>
    internal static string? ReadOptional(byte* text, string name) => text is null ? null : Read(text, ToNul, name);

    /// <summary>A path: not NULL, not empty.</summary>
    internal static string ReadPath(byte* path, string name)
    {
        if (path is null) throw new ArgumentException($"{name}: expected the path of a file, found NULL.");
        string read = Read(path, ToNul, name);
        return read.Length > 0 ? read : throw new ArgumentException($"{name}: expected the path of a file, found an empty text.");
    }

    /// <summary>The UTF-8 of a text and a NUL, in an array that never moves.</summary>
    internal static byte[] Pinned(string text)
    {
        byte[] bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text) + 1, pinned: true);
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    // UTF-16 units that the bytes become; where they are no UTF-8, the sentence names the byte.
    private static int Utf8Units(ReadOnlySpan<byte> bytes, string name)
    {
        if (Utf8.IsValid(bytes)) return Encoding.UTF8.GetCharCount(bytes);
        int offset = 0;
        while (Rune.DecodeFromUtf8(bytes[offset..], out _, out int consumed) == OperationStatus.Done) offset += consumed;
        throw new ArgumentException(
            $"{name}: expected UTF-8, found the byte 0x{bytes[offset]:X2} at offset {offset:N0}, which begins no whole character.");
    }
}
