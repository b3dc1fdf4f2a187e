using System;
using System.Collections.Generic;
using AhnSharp.Sessions;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Model;

/// <summary>
/// The compressed memories that a pass is about to write, copied within their devices, in case a later stage fails or is cancelled.
/// </summary>
/// <remarks>Buffers are kept from pass to pass, and grow with the largest batch.</remarks>
internal sealed class GpuUndo : IDisposable
{
    private readonly List<MemoryBuffer1D<float, Stride1D.Dense>> _buffers = [];
    private readonly List<(LanguageSession Session, int Layer, int Buffer)> _taken = [];

    /// <summary>Copies the memories of every part that tokens leave from.</summary>
    public void Take(Pass pass, int deviceLayers)
    {
        _taken.Clear();
        foreach (ref readonly Pass.Part part in pass.Parts)
        {
            for (int layer = 0; part.Evicted > 0 && layer < deviceLayers; layer++)
            {
                if (part.Session.Layer(layer) is not GpuLayerState { State.Length: > 0 } state) continue;
                state.Accelerator.Bind();
                int buffer = Buffer(state);
                state.State.CopyTo(state.Accelerator.DefaultStream, _buffers[buffer].View.AsContiguous().SubView(0, state.State.Length));
                _taken.Add((part.Session, layer, buffer));
            }
        }
    }

    /// <summary>Forgets what was taken.</summary>
    public void Clear() => _taken.Clear();

    /// <summary>Puts the memories of a session back.</summary>
    public void PutBack(LanguageSession session)
    {
        foreach ((LanguageSession owner, int layer, int buffer) in _taken)
        {
            if (owner != session || session.Layer(layer) is not GpuLayerState state) continue;
            state.Accelerator.Bind();
            _buffers[buffer].View.AsContiguous().SubView(0, state.State.Length).CopyTo(state.Accelerator.DefaultStream, state.State);
            state.Accelerator.DefaultStream.Synchronize();
        }
    }

    public void Dispose()
    {
        foreach (MemoryBuffer1D<float, Stride1D.Dense> buffer in _buffers) buffer.Dispose();
        _buffers.Clear();
    }

    // One on the state's device that is large enough and not taken by this pass.
    private int Buffer(GpuLayerState state)
    {
        for (int i = 0; i < _buffers.Count; i++)
        {
            if (_buffers[i].Accelerator == state.Accelerator && _buffers[i].Length >= state.State.Length
                && !_taken.Exists(one => one.Buffer == i)) return i;
        }
        _buffers.Add(state.Accelerator.Allocate1D<float>(state.State.Length));
        return _buffers.Count - 1;
    }
}
