using System.Threading;
using AhnSharp.Attention;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Model;

/// <summary>
/// One layer's exact and compressed memory of one text on its device; forks share it until one of them is about to write.
/// </summary>
internal sealed class GpuLayerContent
{
    private readonly Accelerator _accelerator;
    private readonly long _stateFloats; // H·D² where the layer has a memory, else 0
    private MemoryBuffer1D<float, Stride1D.Dense>? _state; // taken when the first token leaves the window
    private int _owners = 1;

    public GpuLayerContent(Accelerator accelerator, KvGeometry geometry, long stateFloats)
    {
        (_accelerator, _stateFloats) = (accelerator, stateFloats);
        Ring = new GpuRing(accelerator, geometry);
    }

    private GpuLayerContent(GpuLayerContent other)
    {
        (_accelerator, _stateFloats) = (other._accelerator, other._stateFloats);
        Ring = other.Ring.Copy();
        if (other._state is null) return;
        _state = _accelerator.Allocate1D<float>(_stateFloats);
        other.State.CopyTo(_accelerator.DefaultStream, State);
    }

    /// <summary>Keys, values, gates.</summary>
    public GpuRing Ring { get; }

    /// <summary>[H][D keys][D values]; empty while nothing has been folded.</summary>
    public ArrayView<float> State => _state is null ? default : _state.View.AsContiguous();

    /// <summary>Whether the layer has a compressed memory.</summary>
    public bool HasMemory => _stateFloats > 0;

    /// <summary>Device bytes of the compressed memory.</summary>
    public long StateBytes => _state?.LengthInBytes ?? 0;

    /// <summary>Device bytes held.</summary>
    public long ByteLength => Ring.ByteLength + StateBytes;

    /// <summary>The device.</summary>
    public Accelerator Accelerator => _accelerator;

    /// <summary>Counts one owner more.</summary>
    public GpuLayerContent Share()
    {
        Interlocked.Increment(ref _owners);
        return this;
    }

    /// <summary>This state where the caller is its only owner, else a copy that is, given for the caller's share of this.</summary>
    public GpuLayerContent Unshare(ref long copied)
    {
        if (Volatile.Read(ref _owners) == 1) return this;
        var own = new GpuLayerContent(this);
        copied += own.ByteLength;
        Release();
        return own;
    }

    /// <summary>Takes the compressed memory, zeroed, where there is none yet.</summary>
    public void TakeState()
    {
        if (_state is not null || _stateFloats == 0) return;
        _state = _accelerator.Allocate1D<float>(_stateFloats);
        _state.View.AsContiguous().MemSetToZero(_accelerator.DefaultStream);
    }

    /// <summary>Gives up one ownership; the last frees the memory.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _owners) > 0) return;
        _accelerator.Bind();
        _accelerator.DefaultStream.Synchronize();
        Ring.Dispose();
        _state?.Dispose();
    }
}
