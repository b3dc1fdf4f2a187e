using AhnSharp.Kernels;

namespace AhnSharp.Cpu;

/// <summary>RMSNorm of all rows.</summary>
internal sealed class NormWork(float epsilon) : IWork
{
    private Activations? _x, _y;
    private float[] _weight = [];

    public void Run(Activations x, float[] weight, Activations y, Workers workers)
    {
        (_x, _y, _weight) = (x, y, weight);
        y.Reshape(x.Rows, x.Columns);
        workers.Profile?.Enter(ProfileStage.Norm);
        workers.Run(this, x.Rows);
    }

    void IWork.Run(int item, int worker) => RmsNorm.Apply(_x!.Row(item), _weight, epsilon, _y!.Row(item));
}
