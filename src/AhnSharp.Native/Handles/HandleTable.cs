using System;
using System.Collections.Generic;
using System.Threading;
using AhnSharp.Native.Boundary;

namespace AhnSharp.Native.Handles;

/// <summary>The numbers that stand for models and sessions outside.</summary>
/// <remarks>
/// A number is never given out twice, so that one that was freed stays wrong for ever. The numbers are no addresses of this platform's
/// programs (bits 47 to 63 differ from one another), so that whoever dereferences one is told at once.
/// </remarks>
internal static class HandleTable
{
    private const long First = 0x0A48_4E00_0000_0000;
    private static readonly Dictionary<nint, object> s_open = [];
    private static readonly Lock s_gate = new();
    private static long s_last = First;

    internal static nint Add(object target)
    {
        lock (s_gate)
        {
            nint handle = (nint)(++s_last);
            s_open.Add(handle, target);
            return handle;
        }
    }

    /// <exception cref="BoundaryException">AHN_INVALID_HANDLE.</exception>
    internal static T Get<T>(nint handle) where T : class
    {
        object? target;
        lock (s_gate) s_open.TryGetValue(handle, out target);
        return target as T ?? throw Wrong<T>(handle, target);
    }

    /// <summary>Takes the handle back; of several threads that do so at once, one succeeds.</summary>
    internal static void Remove<T>(nint handle, T target) where T : class
    {
        lock (s_gate)
        {
            if (!s_open.Remove(handle)) throw Wrong<T>(handle, null);
        }
        GC.KeepAlive(target);
    }

    private static BoundaryException Wrong<T>(nint handle, object? found)
    {
        string wanted = NameOf(typeof(T));
        string what = handle == 0 ? "NULL" : found is not null ? $"{NameOf(found.GetType())}'s" : (long)handle > First
            && handle <= s_last ? "one that was freed" : $"0x{handle:X}, which was never given out";
        return new BoundaryException(Status.InvalidHandle, $"{wanted}: expected the handle of an open {wanted}, found {what}.");
    }

    private static string NameOf(Type type) => type == typeof(OpenModel) ? "model" : "session";
}
