using System.Threading;
using AhnSharp.Native.Boundary;

namespace AhnSharp.Native.Handles;

/// <summary>A model and who holds it: its handle, its sessions, and calls that use it. The last one frees it.</summary>
internal sealed class OpenModel(TextModel text)
{
    private static int s_freed;
    private readonly Lock _gate = new();
    private int _holders = 1;

    internal TextModel Text { get; } = text;

    /// <summary>Keeps the model until <see cref="Release"/>.</summary>
    internal OpenModel Hold()
    {
        lock (_gate)
        {
            if (_holders == 0)
            {
                throw new BoundaryException(
                    Status.InvalidHandle, "model: expected the handle of an open model, found one that was freed by another thread.");
            }
            _holders++;
            return this;
        }
    }

    internal void Release()
    {
        lock (_gate)
        {
            if (--_holders > 0) return;
        }
        Text.Dispose();
        Interlocked.Increment(ref s_freed);
    }

    /// <summary>
    /// Gives back to the system what models that were freed since leave to collector and allocator. To be called where
    /// nothing on the stack holds one.
    /// </summary>
    internal static void GiveBack()
    {
        if (Interlocked.Exchange(ref s_freed, 0) > 0) FreedMemory.GiveBack();
    }
}
