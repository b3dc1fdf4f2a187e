using System;
using System.Runtime.InteropServices;
using AhnSharp.Training;
using ILGPU;

namespace AhnSharp.Gpu.Training;

/// <summary>The tensors of one layer's memory, or their gradients, on a device: where they stand among all that is learned.</summary>
internal readonly struct DeviceMemoryTensors(ArrayView<float> all, LayerParameters layer)
{
    public readonly ArrayView<float> Beta = Of(all, layer.Beta); // [H, E]
    public readonly ArrayView<float> Alpha = Of(all, layer.Alpha); // [H, E]
    public readonly ArrayView<float> Gate = Of(all, layer.Gate); // [H, E]
    public readonly ArrayView<float> ALog = Of(all, layer.ALog); // [H]
    public readonly ArrayView<float> DtBias = Of(all, layer.DtBias); // [H]
    public readonly ArrayView<float> GateBias = Of(all, layer.GateBias); // [H]
    public readonly ArrayView<float> Norm = Of(all, layer.Norm); // [D] or [H·D]
    public readonly ArrayView<float> Out = Of(all, layer.Out); // [H, D in, D out]

    // What a rule does not have shows the first number: kernels are passed something, and do not read it.
    private static ArrayView<float> Of(ArrayView<float> all, Memory<float> tensor) =>
        !tensor.IsEmpty && MemoryMarshal.TryGetArray(tensor, out ArraySegment<float> place)
            ? all.SubView(place.Offset, place.Count)
            : all.SubView(0, 1);
}
