using AhnSharp.Gpu.Kernels;

namespace AhnSharp.Gpu.Cuda;

/// <summary>Stands where a layer has W_up, when its rows lie between those of W_gate, eight by eight, in one matrix.</summary>
internal sealed class PairedMatrix(CudaMatrix both) : DeviceMatrix(both.Type, both.Rows / 2, both.Columns)
{
    public override long ByteLength => 0;

    public override void Dispose()
    {
    }
}
