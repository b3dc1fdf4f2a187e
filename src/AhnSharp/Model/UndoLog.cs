using System;
using AhnSharp.Kernels;

namespace AhnSharp.Model;

/// <summary>The compressed memories as they were before a pass, in case it does not finish: a fold cannot be reversed.</summary>
/// <remarks>A copy costs one read and write of the state a chunk: 51 MB for 7B, some 5 ms, where the chunk takes seconds.</remarks>
internal sealed class UndoLog : IDisposable
{
    private NativeBuffer? _copy;

    public void Take(Pass pass)
    {
        long bytes = 0;
        foreach (Pass.Part part in pass.Parts) bytes += Size(part);
        if (_copy is null || _copy.ByteLength < bytes)
        {
            _copy?.Dispose();
            _copy = new NativeBuffer(bytes);
        }
        long at = 0;
        foreach (Pass.Part part in pass.Parts)
        {
            for (int layer = 0; Size(part) > 0 && layer < part.Session.Model.Config.MemoryLayerCount; layer++)
            {
                part.Session.Memory!.CopyLayerTo(layer, _copy, at + layer * part.Session.Memory.LayerByteLength);
            }
            at += Size(part);
        }
    }

    public void PutBack(Pass pass)
    {
        long at = 0;
        foreach (Pass.Part part in pass.Parts)
        {
            for (int layer = 0; Size(part) > 0 && layer < part.Session.Model.Config.MemoryLayerCount; layer++)
            {
                part.Session.Memory!.CopyLayerFrom(layer, _copy!, at + layer * part.Session.Memory.LayerByteLength);
            }
            at += Size(part);
        }
    }

    public void Dispose() => _copy?.Dispose();

    private static long Size(Pass.Part part) => part.Leaving > 0 && part.Session.Memory is { } memory ? memory.ByteLength : 0;
}
