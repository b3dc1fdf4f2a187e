using AhnSharp.Attention;
using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Cpu;

/// <summary>The parallel steps that all layers share; each is set to a layer and a pass, then run by the team.</summary>
internal sealed class LayerWork(ModelConfig config, Scratch scratch, WindowAttention attention, Rope rope, int workers)
{
    public NormWork Norm { get; } = new(config.RmsNormEpsilon);
    public EnterWork Enter { get; } = new(config, scratch);
    public SealWork Seal { get; } = new(config, rope, workers);
    public AttendWork Attend { get; } = new(config, scratch, attention);
    public RetrieveWork Retrieve { get; } = new(config, scratch, rope, workers);
    public RecallWork Recall { get; } = new(config, scratch);
}
