using System;
using System.Collections.Generic;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace AhnSharp.Gpu.Cuda;

/// <summary>Records the launches of a pass as a CUDA graph and launches that when the same ones come again.</summary>
/// <remarks>
/// Enqueueing the 9 launches of a layer one by one takes the host 50 µs. In a graph, on devices of compute capability 9.0, a kernel that
/// waits by itself (<see cref="Kernels.Ptx.WaitForDependencies"/>) starts while the one before it ends, and asks for its weights meanwhile.
/// Launches are the same where their form is: what differs from token to token lies in tables on the device. A form is recorded at its
/// second coming, when all its kernels are compiled. Where there are no graphs with such edges (CUDA before 12.3, ILGPU's simulation) all
/// is enqueued one by one.
/// </remarks>
internal sealed class PassGraphs(Accelerator accelerator) : IDisposable
{
    // A text that grows to a full window of 8,192 has 16 forms; one that is read again has them again.
    private const int Most = 32;

    private readonly CudaAccelerator? _cuda = Device(accelerator);
    // Where the target is older, the wait is no instruction of the kernels.
    private readonly bool _startsEarly = accelerator is CudaAccelerator { Capabilities.TargetArchitecture.Major: >= 9 };
    private readonly List<(int[] Form, CudaGraph? Graph)> _graphs = [];
    private readonly HashSet<IntPtr> _waiting = [];

    /// <summary>Whether launches become nodes of a graph now.</summary>
    public bool IsRecording { get; private set; }

    /// <summary>Enqueues, or launches what was recorded of the same form.</summary>
    /// <param name="form">Equal numbers: equal launches.</param>
    /// <param name="enqueue">Enqueues them on the default stream; neither waits nor allocates there.</param>
    public void Run(ReadOnlySpan<int> form, Action enqueue)
    {
        if (_cuda is null)
        {
            enqueue();
            return;
        }
        int at = IndexOf(form);
        if (at < 0)
        {
            if (_graphs.Count == Most) Remove(0);
            _graphs.Add((form.ToArray(), null));
            enqueue();
            return;
        }
        (int[] known, CudaGraph? graph) = _graphs[at];
        graph ??= Record(enqueue);
        // The one that was used longest ago is the first to go.
        _graphs.RemoveAt(at);
        _graphs.Add((known, graph));
        graph.Launch(Stream);
    }

    /// <summary>The kernel that was launched last waits for those before it by itself.</summary>
    public unsafe void Chain()
    {
        if (!IsRecording || !_startsEarly) return;
        CudaGraph.Demand(CudaDriver.CaptureInfo(Stream, out _, out _, out _, out IntPtr* last, out nuint count), "recorded");
        if (count == 1) _waiting.Add(*last);
    }

    /// <summary>Forgets all: an address that kernels were given has changed.</summary>
    public void Clear()
    {
        while (_graphs.Count > 0) Remove(_graphs.Count - 1);
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    private IntPtr Stream => ((CudaStream)_cuda!.DefaultStream).StreamPtr;

    private CudaGraph Record(Action enqueue)
    {
        _waiting.Clear();
        CudaGraph.Demand(CudaDriver.BeginCapture(Stream, CaptureMode.Relaxed), "recorded");
        IsRecording = true;
        IntPtr graph;
        int ended;
        try
        {
            enqueue();
        }
        finally
        {
            IsRecording = false;
            ended = CudaDriver.EndCapture(Stream, out graph);
        }
        CudaGraph.Demand(ended, "recorded");
        return new CudaGraph(graph, _waiting);
    }

    private int IndexOf(ReadOnlySpan<int> form)
    {
        for (int i = _graphs.Count - 1; i >= 0; i--)
        {
            if (form.SequenceEqual(_graphs[i].Form)) return i;
        }
        return -1;
    }

    private void Remove(int index)
    {
        _graphs[index].Graph?.Dispose();
        _graphs.RemoveAt(index);
    }

    // The stream that everything shares cannot be captured: see GpuDevice.
    private static CudaAccelerator? Device(Accelerator accelerator) =>
        accelerator is CudaAccelerator cuda && cuda.DriverVersion is { } version && (version.Major, version.Minor).CompareTo((12, 3)) >= 0
            && ((CudaStream)cuda.DefaultStream).StreamPtr != IntPtr.Zero ? cuda : null;
}
