using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Kernels;

namespace AhnSharp.Hippocampus;

/// <summary>The compressed memory of one text: M [layers with a memory, H, D keys, D values] f32, row-major, zero at the start.</summary>
/// <remarks>
/// Written by <see cref="Hippocampus.FoldAndRead"/> alone, one head by one thread at a time. Its size does not depend on the length of
/// the text; it takes resident memory only once tokens leave the window. Two memories may share layers (<see cref="Fork"/>) until one
/// of them is about to write (<see cref="Own"/>).
/// </remarks>
public sealed class MemoryState : IDisposable
{
    private readonly SharedBuffer?[] _layers; // null once disposed
    private readonly int _heads, _stateFloats;

    /// <summary>An empty memory.</summary>
    /// <param name="memoryLayers">Layers that have a memory.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="headDim">D.</param>
    public MemoryState(int memoryLayers, int heads, int headDim)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(memoryLayers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headDim);
        _heads = heads;
        _stateFloats = checked(headDim * headDim);
        _layers = new SharedBuffer[memoryLayers];
        for (int layer = 0; layer < memoryLayers; layer++) _layers[layer] = new SharedBuffer(LayerByteLength);
    }

    private MemoryState(MemoryState other)
    {
        (_heads, _stateFloats) = (other._heads, other._stateFloats);
        _layers = new SharedBuffer[other._layers.Length];
        for (int layer = 0; layer < _layers.Length; layer++) _layers[layer] = other.Layer(layer).Share();
    }

    /// <summary>All states, those shared with other memories included.</summary>
    public long ByteLength => _layers.Length * LayerByteLength;

    /// <summary>What it holds, a layer each.</summary>
    internal IEnumerable<SharedBuffer> LayerBuffers => _layers.OfType<SharedBuffer>();

    /// <summary>A memory of the same text, that shares all states with this one.</summary>
    public MemoryState Fork() => new(this);

    /// <summary>Makes all states this memory's alone, ready to be written.</summary>
    /// <returns>Bytes copied because another memory shares them.</returns>
    public long Own()
    {
        long copied = 0;
        for (int layer = 0; layer < _layers.Length; layer++) _layers[layer] = Layer(layer).Own(ref copied);
        return copied;
    }

    /// <summary>The states of one layer.</summary>
    public long LayerByteLength => (long)_heads * _stateFloats * sizeof(float);

    /// <summary>Bytes that such a memory takes.</summary>
    public static long Bytes(int memoryLayers, int heads, int headDim) => (long)memoryLayers * heads * headDim * headDim * sizeof(float);

    /// <summary>M [D, D] of one head; <paramref name="memoryLayer"/> counts the layers that have a memory.</summary>
    public Span<float> Of(int memoryLayer, int head)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)memoryLayer, (uint)_layers.Length, nameof(memoryLayer));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)head, (uint)_heads, nameof(head));
        return Layer(memoryLayer).Buffer.Span<float>((long)head * _stateFloats * sizeof(float), _stateFloats);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            // A shared layer stays as it is for the other.
            if (Layer(layer).IsShared) _layers[layer] = Layer(layer).Fresh();
            else for (int head = 0; head < _heads; head++) Of(layer, head).Clear();
        }
    }

    /// <summary>Copies one layer's <see cref="LayerByteLength"/> bytes away, so that a cancelled chunk can be undone or a text saved.</summary>
    public void CopyLayerTo(int memoryLayer, NativeBuffer destination, long byteOffset = 0)
    {
        ArgumentNullException.ThrowIfNull(destination);
        for (int head = 0; head < _heads; head++) Of(memoryLayer, head).CopyTo(Copy(destination, byteOffset, head));
    }

    /// <summary>Puts back what <see cref="CopyLayerTo"/> took.</summary>
    public void CopyLayerFrom(int memoryLayer, NativeBuffer source, long byteOffset = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        for (int head = 0; head < _heads; head++) Copy(source, byteOffset, head).CopyTo(Of(memoryLayer, head));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            _layers[layer]?.Release();
            _layers[layer] = null;
        }
    }

    private SharedBuffer Layer(int memoryLayer)
    {
        ObjectDisposedException.ThrowIf(_layers[memoryLayer] is null, this);
        return _layers[memoryLayer]!;
    }

    private Span<float> Copy(NativeBuffer other, long byteOffset, int head)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset, other.ByteLength - LayerByteLength);
        return other.Span<float>(byteOffset + (long)head * _stateFloats * sizeof(float), _stateFloats);
    }
}
