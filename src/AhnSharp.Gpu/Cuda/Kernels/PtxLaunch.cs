using ILGPU.IR.Intrinsics;

namespace AhnSharp.Gpu.Cuda.Kernels;

// Programmatic dependent launches: a kernel that PassGraph chains behind another starts while that one still runs. Before the wait it may
// read weights and the tables of the pass, and nothing that another kernel writes; it may write nothing.
internal static partial class Ptx
{
    /// <summary>Lets the next kernel of the chain start, once all groups of threads of this one have said so.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("griddepcontrol.launch_dependents;", Major = 9)]
    public static void TriggerDependents()
    {
    }

    /// <summary>Waits until the kernel before has ended, and with it all that came before; at once where this one is not chained.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("griddepcontrol.wait;", Major = 9)]
    public static void WaitForDependencies()
    {
    }
}
