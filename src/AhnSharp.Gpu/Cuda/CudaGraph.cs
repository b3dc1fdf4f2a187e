using System;
using System.Collections.Generic;
using AhnSharp.Gpu.Devices;
using ILGPU.Runtime.Cuda;

namespace AhnSharp.Gpu.Cuda;

/// <summary>Recorded launches, ready to be launched together.</summary>
internal sealed class CudaGraph : IDisposable
{
    private readonly IntPtr _executable;

    /// <param name="graph">What was recorded; freed.</param>
    /// <param name="waiting">Nodes whose kernels wait for those before them by themselves: they may start early.</param>
    public CudaGraph(IntPtr graph, HashSet<IntPtr> waiting)
    {
        try
        {
            StartEarly(graph, waiting);
            Demand(CudaDriver.Instantiate(out _executable, graph, 0), "made ready");
        }
        finally
        {
            _ = CudaDriver.DestroyGraph(graph);
        }
    }

    /// <summary>Enqueues all of it.</summary>
    public void Launch(IntPtr stream) => Demand(CudaDriver.Launch(_executable, stream), "started");

    /// <inheritdoc/>
    public void Dispose() => _ = CudaDriver.DestroyExecutable(_executable);

    /// <summary>Refuses an error of the driver.</summary>
    /// <exception cref="GpuException">It is one.</exception>
    public static void Demand(int error, string what)
    {
        if (error != 0)
            throw new GpuException($"The launches of a pass could not be {what} as a graph; the driver said: {(CudaError)error}.");
    }

    private static unsafe void StartEarly(IntPtr graph, HashSet<IntPtr> waiting)
    {
        nuint count = 0;
        Demand(CudaDriver.Edges(graph, null, null, null, ref count), "read");
        IntPtr[] from = new IntPtr[count], to = new IntPtr[count];
        var edges = new GraphEdge[count];
        fixed (IntPtr* f = from, t = to)
        fixed (GraphEdge* e = edges)
            Demand(CudaDriver.Edges(graph, f, t, e, ref count), "read");
        for (int i = 0; i < (int)count; i++)
        {
            if (!waiting.Contains(to[i])) continue;
            Demand(CudaDriver.NodeType(from[i], out int type), "read");
            if (type != 0) continue;
            Demand(CudaDriver.RemoveEdges(graph, from[i], to[i], edges[i], 1), "changed");
            Demand(CudaDriver.AddEdges(graph, from[i], to[i], new GraphEdge { FromPort = 1, Type = 1 }, 1), "changed");
        }
    }
}
