using AhnSharp.Gpu.Kernels;
using AhnSharp.Gpu.Portable;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Checks;

/// <summary>The portable set with its single operations open to checks.</summary>
internal sealed class OpenKernels(Accelerator accelerator, GpuShape shape, int groupSize) : PortableKernels(accelerator, shape, groupSize)
{
    public DeviceMatrix UploadOne(MatrixSource source) => UploadMatrix(source);

    public void MultiplyOne(DeviceMatrix w, ArrayView<float> x, ArrayView<float> y, ArrayView<float> bias, int rows, bool accumulate) =>
        Multiply(w, x, y, bias, rows, accumulate);

    public void NormRows(ArrayView<float> x, ArrayView<float> weight, ArrayView<float> y, int rows) => Norm(x, default, weight, y, rows);

    public PartShape ShapeOfPart(GpuPart part, int rows) => ShapeOf(in part, rows);

    public void PushPart(GpuLayer layer, GpuPart part, int rows) => Push(layer, in part, rows);

    public void AttendPart(GpuLayer layer, GpuPart part, int rows) => Attend(layer, in part, rows);

    public void Enter(GpuLayer layer, GpuPart part, int rows)
    {
        Push(layer, in part, rows);
        Attend(layer, in part, rows);
    }

    public void RecallPart(GpuLayer layer, GpuPart part, int rows) => Recall(layer, in part, rows);

    public void FinishRows(GpuLayer layer, int rows) => Finish(layer, rows);
}
