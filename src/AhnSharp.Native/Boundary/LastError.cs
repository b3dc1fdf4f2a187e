using System;
using System.Runtime.InteropServices;

namespace AhnSharp.Native.Boundary;

/// <summary>The sentence of each thread's last failure, as bytes that do not move.</summary>
internal static unsafe class LastError
{
    private static readonly byte[] s_none = Utf8Text.Pinned("");

    // Of the pinned heap, so that C may hold a pointer into it; goes with its thread.
    [ThreadStatic]
    private static byte[]? t_sentence;

    internal static byte* Pointer => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(t_sentence ?? s_none, 0);

    internal static void Set(string sentence) => t_sentence = Utf8Text.Pinned(sentence);
}
